import { useState } from "preact/hooks";
import { Problem } from "../Problem";
import { fileUrl, resume, stop, type Detail } from "./api";
import { Samples } from "./Samples";
import { short } from "./scale";

export interface RunProps {
  readonly run: Detail;
  readonly refusal: string;
  readonly onChange: () => void;
}

/** One run: what it does, its samples, messages, settings and files. */
export function Run({ run, refusal, onChange }: RunProps) {
  const [error, setError] = useState("");
  const act = async (made: Promise<unknown>) => {
    setError("");
    try {
      await made;
      onChange();
    } catch (problem) {
      setError((problem as Error).message);
    }
  };
  const last = run.log.at(-1) ?? run.output.at(-1);
  return (
    <article aria-label={run.name}>
      <h2>
        {run.name}
        {!refusal && run.state === "running" && !run.is_stopping && (
          <button type="button" onClick={() => void act(stop(run.name))}>Stop</button>
        )}
        {!refusal && run.can_continue && <button type="button" onClick={() => void act(resume(run.name))}>Continue</button>}
      </h2>
      <Problem text={error} />
      {run.problems.map((one) => <p class="error">{one}</p>)}
      <p aria-live="polite">{stated(run)} {run.is_stopping && "It stops after the current step, and exports its model."}</p>
      {last && <p class="note">{last}</p>}
      <p>
        Checkerboard score:{" "}
        {run.checkerboard === null
          ? "none; it is measured at each validation of a training with a limit for it."
          : `${short(run.checkerboard)} dB at the last validation; above 10 dB a checkerboard is visible.`}
      </p>
      {run.metrics.length > 0 && (
        <p>Model: {run.metrics.map((one) => `${one.metric} ${typeof one.value === "number" ? short(one.value) : one.value}`).join(", ")}</p>
      )}
      <Samples key={run.name} name={run.name} steps={run.samples} />
      <details>
        <summary>Messages</summary>
        <pre tabIndex={0}>{[...run.log, ...run.output.filter((line) => line.startsWith("repix: "))].join("\n") || "none yet"}</pre>
      </details>
      <details>
        <summary>Settings</summary>
        <pre tabIndex={0}>{JSON.stringify(run.settings, null, 1)}</pre>
      </details>
      {run.files.length > 0 && (
        <p class="tabs">
          {run.files.map((file) => <a href={fileUrl(run.name, file)} download={file}>{file}</a>)}
        </p>
      )}
    </article>
  );
}

/** Return the state in words. */
function stated({ state, step, steps }: Detail): string {
  const where = step === null ? "" : `, step ${step}${steps === null ? "" : ` of ${steps}`} at the last validation`;
  return `${state[0]?.toUpperCase()}${state.slice(1)}${where}.`;
}
