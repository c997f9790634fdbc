import { useEffect, useRef, useState } from "preact/hooks";
import { remove, watch } from "../api";
import { Drop } from "../Drop";
import { Problem } from "../Problem";
import { Viewer } from "../Viewer";
import { measure, partUrl, type Measured } from "./api";

/** Options of metrics that a number decides; the command has options of the same names. */
const OPTIONS = [
  { name: "scale", label: "Scale factor, for psnr-y", least: 1 },
  { name: "border", label: "Border to cut, for ssim-wang", least: 0 },
  { name: "classes", label: "Classes, for label maps", least: 2 },
] as const;
const BETTER: Readonly<Record<string, string>> = { higher: "Higher is better", lower: "Lower is better", "nearer to 1": "Nearer to 1 is better" };

/** A result and its truth: every metric, the error map, and both with a border that moves. */
export function Measure() {
  const [result, setResult] = useState<File | null>(null);
  const [truth, setTruth] = useState<File | null>(null);
  const [options, setOptions] = useState<Readonly<Record<string, number>>>({});
  const [job, setJob] = useState<Measured | null>(null);
  const [error, setError] = useState("");
  const stop = useRef(() => {});
  useEffect(() => () => stop.current(), []);

  const forget = () => {
    stop.current();
    if (job) void remove(job.id).catch(() => undefined);
    setJob(null);
    setError("");
  };
  const start = async () => {
    if (!result || !truth) return;
    forget();
    try {
      const made = await measure(result, truth, options);
      setJob(made);
      stop.current = watch(made.id, setJob, setError);
    } catch (problem) {
      setError((problem as Error).message);
    }
  };
  const isRunning = job?.state === "waiting" || job?.state === "running";
  return (
    <>
      <p>Compare a result with its truth: the picture as it should be. Both have the same size.</p>
      <div class="two">
        <Drop label="Result" text="Result: drop or choose it." showsName onFiles={([file]) => file && (forget(), setResult(file))} />
        <Drop label="Truth" text="Truth: drop or choose it." showsName onFiles={([file]) => file && (forget(), setTruth(file))} />
      </div>
      <div class="settings">
        {OPTIONS.map(({ name, label, least }) => (
          <label>
            {label}
            <input
              type="number"
              min={least}
              step={1}
              placeholder="none"
              onInput={({ currentTarget: { valueAsNumber: value } }) => {
                const { [name]: _, ...others } = options;
                setOptions(Number.isNaN(value) ? others : { ...others, [name]: value });
              }}
            />
          </label>
        ))}
        <button type="button" class="main" disabled={!result || !truth || isRunning} onClick={() => void start()}>Measure</button>
        {isRunning && job && <button type="button" onClick={() => void remove(job.id)}>Cancel</button>}
      </div>
      <Problem text={error} />
      {isRunning && (
        <p aria-live="polite">
          {job.state === "waiting" ? "Waiting for the jobs before it" : "Measuring"} <progress value={job.progress} aria-label="Progress" />
        </p>
      )}
      <Problem text={job?.state === "failed" ? job.error : ""} />
      {job?.state === "canceled" && <p>Canceled.</p>}
      {job?.state === "done" && result && truth && <Found job={job} command={command(result.name, truth.name, options)} />}
    </>
  );
}

function Found({ job, command }: { readonly job: Measured; readonly command: string }) {
  const hasErrors = job.error_end !== undefined;
  return (
    <article aria-label="Measured">
      {job.notes.map((note) => <p class="note">{note}</p>)}
      <table class="values described">
        <caption>Metrics</caption>
        <thead><tr><th scope="col">Metric</th><th scope="col">Value</th><th scope="col">Better</th><th scope="col">What it is</th></tr></thead>
        <tbody>
          {job.measured?.map((one) => (
            <tr><th scope="row">{one.label}</th><td>{one.text}</td><td>{BETTER[one.better]}</td><td>{one.summary}</td></tr>
          ))}
        </tbody>
      </table>
      {!!job.not_measured?.length && (
        <details>
          <summary>Not measured: {job.not_measured.map((one) => one.metric).join(", ")}</summary>
          <ul>{job.not_measured.map((one) => <li>{one.metric}: {one.reason}</li>)}</ul>
        </details>
      )}
      {hasErrors && (
        <>
          <h2>Result (left of the border) and truth</h2>
          <Viewer key={job.id} before={partUrl(job.id, "result.png")} after={partUrl(job.id, "truth.png")} name="Result and truth" />
          <h2>Error map</h2>
          <Legend end={job.error_end ?? null} />
          <div class="scroll" tabIndex={0} role="group" aria-label="Error map">
            <img class="map" src={partUrl(job.id, "errors.png")} alt="errors of the result, as colors" />
          </div>
          <p>
            <a class="button" href={partUrl(job.id, "page.html")} download>Save as a page</a>
          </p>
        </>
      )}
      <details><summary>Show me the command</summary><pre tabIndex={0}>{command}</pre></details>
    </article>
  );
}

function Legend({ end }: { readonly end: number | null }) {
  if (end === null) return <p class="note">Orange: the class is wrong. White: ignored.</p>;
  return (
    <p class="note">
      0 <span class="ramp" aria-hidden="true" /> {end} gray levels (8-bit){end < 255 ? " or more" : ""}; absolute difference, mean over the channels
    </p>
  );
}

/** The command that prints the same values. */
function command(result: string, truth: string, options: Readonly<Record<string, number>>): string {
  const quoted = [result, truth].map((name) => (/^[\w.][\w.-]*$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`));
  return ["repix measure", ...quoted, "--all", ...Object.entries(options).map(([name, value]) => `--${name} ${value}`), "--page measured.html"].join(" ");
}
