import { useRef } from "preact/hooks";
import { zipUrl } from "../api";
import { isRunning, type Entry } from "./entries";

export interface BatchProps {
  readonly entries: readonly Entry[];
  readonly onConvert: (entry: Entry) => Promise<void>;
  readonly onCancel: (entry: Entry) => Promise<void>;
  readonly onChange: (id: number, patch: Partial<Entry>) => void;
}

/** All pictures together: convert, progress with the time left, cancel, download. */
export function Batch({ entries, onConvert, onCancel, onChange }: BatchProps) {
  const began = useRef(0);
  const started = entries.filter(({ run }) => run !== null && run.state !== "canceled");
  const running = entries.filter(isRunning);
  const done = entries.filter(({ run }) => run?.state === "done");
  const total = started.reduce((sum, { file }) => sum + file.size, 0);
  const share = started.reduce((sum, { file, run }) => sum + file.size * (run?.state === "failed" ? 1 : run?.progress ?? 0), 0) / (total || 1);
  if (running.length === 0) began.current = 0;
  else began.current ||= performance.now();
  const ready = entries.filter((one) => one.found !== null && !isRunning(one));
  const convertAll = async () => {
    for (const one of ready) await onConvert(one);
  };
  const first = entries.find((one) => one.found !== null);
  return (
    <section aria-label="All pictures" class="batch">
      <div class="settings">
        <button type="button" class="main" disabled={ready.length === 0} onClick={() => void convertAll()}>Convert all {entries.length}</button>
        {first && (
          <button type="button" onClick={() => entries.forEach((one) => onChange(one.id, { settings: { ...first.settings, crop: "", map: null } }))}>
            Settings of {first.file.name} for all
          </button>
        )}
        {running.length > 0 && <button type="button" onClick={() => void Promise.all(running.map(onCancel))}>Cancel all</button>}
        {done.length > 0 && running.length === 0 && (
          <a class="button" href={zipUrl(done.map(({ run }) => run?.id ?? ""))} download="results.zip">Download {done.length} results as one zip file</a>
        )}
      </div>
      {started.length > 0 && (
        <p aria-live="polite">
          {done.length} of {started.length} done <progress value={share} aria-label="Progress of all pictures" />{" "}
          {running.length > 0 && left(share, performance.now() - began.current)}
        </p>
      )}
    </section>
  );
}

/** The time left at the pace so far. */
function left(share: number, milliseconds: number): string {
  if (share < 0.02) return "";
  return duration((milliseconds * (1 - share)) / share / 1000);
}

export function duration(seconds: number): string {
  if (seconds < 90) return `about ${Math.max(1, Math.round(seconds))} s left`;
  return seconds < 5400 ? `about ${Math.round(seconds / 60)} min left` : `about ${(seconds / 3600).toFixed(1)} h left`;
}
