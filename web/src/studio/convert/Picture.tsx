import type { Model } from "../api";
import { command } from "../command";
import { Problem } from "../Problem";
import type { Entry } from "./entries";
import { Look } from "./Look";
import { hasPerception, Options } from "./Options";
import { Report } from "./Report";

export interface PictureProps {
  readonly entry: Entry;
  readonly models: readonly Model[];
  readonly onChange: (patch: Partial<Entry>) => void;
  readonly onConvert: () => void;
  readonly onCancel: () => void;
  readonly onRemove: () => void;
}

/** One picture: what is wrong with it, the model, the conversion, and its result. */
export function Picture({ entry, models, onChange, onConvert, onCancel, onRemove }: PictureProps) {
  const { file, found, run, settings, error } = entry;
  const chosen = models.find((one) => one.name === settings.model);
  const isRunning = run !== null && (run.state === "waiting" || run.state === "running");
  return (
    <article aria-label={file.name}>
      <h2>
        {file.name}
        <button type="button" onClick={onRemove}>Remove</button>
      </h2>
      <Problem text={error} />
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
            <Options models={models} settings={settings} isLossy={/\.(jpe?g|webp|avif|heic)$/i.test(file.name)} onChange={(next) => onChange({ settings: next })} />
            <button type="button" class="main" disabled={isRunning} onClick={onConvert}>Convert</button>
            {isRunning && <button type="button" onClick={onCancel}>Cancel</button>}
          </div>
          {chosen && <p class="card">{chosen.purpose} <strong>Not for:</strong> {chosen.limits}</p>}
        </>
      )}
      {isRunning && (
        <p aria-live="polite">
          {run.state === "waiting" ? "Waiting for the pictures before it" : "Converting"}{" "}
          <progress value={run.progress} aria-label="Progress" />
        </p>
      )}
      <Problem text={run?.state === "failed" ? run.error : ""} />
      {run?.state === "canceled" && <p>Canceled.</p>}
      {run?.state === "done" && run.notes.map((note) => <p class="note">{note}</p>)}
      <Look entry={entry} takesMap={hasPerception(chosen)} onSettings={(next) => onChange({ settings: next })} />
      {run?.state === "done" && <Report job={run} />}
      {found && (
        <details>
          <summary>Show me the command</summary>
          <pre tabIndex={0}>{command(chosen, file.name, settings, settings.map ? { map: "map.png" } : {})}</pre>
        </details>
      )}
    </article>
  );
}
