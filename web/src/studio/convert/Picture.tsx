import { useEffect, useRef, useState } from "preact/hooks";
import { inspect, previewUrl, remove, resultUrl, start, watch, type Inspection, type Job, type Model } from "../api";
import { Viewer } from "../Viewer";

export interface PictureProps {
  readonly file: File;
  readonly models: readonly Model[];
  readonly onRemove: () => void;
}

/** One picture: what is wrong with it, the model, the conversion, and its result. */
export function Picture({ file, models, onRemove }: PictureProps) {
  const [found, setFound] = useState<Inspection | null>(null);
  const [model, setModel] = useState("");
  const [strength, setStrength] = useState(1);
  const [job, setJob] = useState<Job | null>(null);
  const [error, setError] = useState("");
  const stop = useRef(() => {});

  useEffect(() => {
    const fallback = models.find((one) => one.default)?.name ?? models[0]?.name ?? "";
    inspect(file).then(
      (answer) => {
        setFound(answer);
        setModel(answer.advice.find((one) => models.some(({ name }) => name === one.model))?.model ?? fallback);
      },
      (problem: Error) => setError(problem.message),
    );
    return () => stop.current();
  }, []);

  const convert = async () => {
    setError("");
    try {
      if (job) await remove(job.id).catch(() => undefined);
      const made = await start(file, { model, strength });
      setJob(made);
      stop.current = watch(made.id, setJob, () => setError("The connection to the server is lost."));
    } catch (problem) {
      setError((problem as Error).message);
    }
  };
  const chosen = models.find((one) => one.name === model);
  const isRunning = job !== null && (job.state === "waiting" || job.state === "running");
  return (
    <article aria-label={file.name}>
      <h2>
        {file.name}
        <button type="button" onClick={() => (stop.current(), job && void remove(job.id).catch(() => undefined), onRemove())}>Remove</button>
      </h2>
      {error && <p class="error" role="alert">{error}</p>}
      {!found && !error && <p>Looking at the picture …</p>}
      {found && (
        <>
          <ul>{found.advice.map((one) => <li>{one.text}</li>)}{found.advice.length === 0 && <li>no problem found</li>}</ul>
          <details>
            <summary>What was measured</summary>
            <table>
              <tbody>{found.table.map((row) => <tr><th scope="row">{row.name}</th><td>{row.text}</td></tr>)}</tbody>
            </table>
          </details>
          <div class="settings">
            <label>
              Model
              <select value={model} onChange={(event) => setModel(event.currentTarget.value)}>
                {models.map((one) => <option value={one.name}>{one.name}</option>)}
              </select>
            </label>
            <label>
              Strength {strength.toFixed(2)}
              <input type="range" min={0} max={1} step={0.05} value={strength} onInput={(event) => setStrength(event.currentTarget.valueAsNumber)} />
            </label>
            <button type="button" class="main" disabled={isRunning} onClick={() => void convert()}>Convert</button>
            {isRunning && <button type="button" onClick={() => void remove(job.id)}>Cancel</button>}
          </div>
          {chosen && <p class="card">{chosen.purpose} <strong>Not for:</strong> {chosen.limits}</p>}
        </>
      )}
      {isRunning && (
        <p aria-live="polite">
          {job.state === "waiting" ? "Waiting for the pictures before it" : "Converting"}{" "}
          <progress value={job.progress} aria-label="Progress" />
        </p>
      )}
      {job?.state === "failed" && <p class="error" role="alert">{job.error}</p>}
      {job?.state === "canceled" && <p>Canceled.</p>}
      {job?.state === "done" && (
        <>
          {job.notes.map((note) => <p class="note">{note}</p>)}
          <Viewer key={job.id} before={previewUrl(job.id, "before")} after={previewUrl(job.id, "after")} name={file.name} />
          <p><a class="button" href={resultUrl(job.id)} download={job.name}>Download {job.name}</a></p>
        </>
      )}
      {found && <details><summary>Show me the command</summary><pre tabIndex={0}>{command(chosen, file.name, strength)}</pre></details>}
    </article>
  );
}

/** The command that gives the same file. */
function command(model: Model | undefined, name: string, strength: number): string {
  const quoted = /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
  return `repix ${model?.task ?? "convert"} ${quoted} --model ${model?.name}${strength === 1 ? "" : ` --strength ${strength}`}`;
}
