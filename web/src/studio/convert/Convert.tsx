import { useEffect, useState } from "preact/hooks";
import { models as listed, type Model } from "../api";
import { Picture } from "./Picture";

interface Entry {
  readonly id: number;
  readonly file: File;
}

let last = 0;

/** A place for pictures, and what becomes of them. */
export function Convert() {
  const [models, setModels] = useState<readonly Model[]>([]);
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const [error, setError] = useState("");
  const [over, setOver] = useState(false);
  const add = (files: Iterable<File>) => setEntries((now) => [...[...files].map((file) => ({ id: ++last, file })), ...now]);

  useEffect(() => {
    listed().then(setModels, (problem: Error) => setError(problem.message));
    const pasted = (event: ClipboardEvent) => add(event.clipboardData?.files ?? []);
    addEventListener("paste", pasted);
    return () => removeEventListener("paste", pasted);
  }, []);
  return (
    <>
      {error && <p class="error" role="alert">{error}</p>}
      <label
        class={`drop ${over ? "over" : ""}`}
        onDragOver={(event) => (event.preventDefault(), setOver(true))}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          add(event.dataTransfer?.files ?? []);
        }}
      >
        Drop, paste or choose pictures. They stay on this computer.
        <input
          type="file"
          multiple
          aria-label="Pictures"
          onChange={(event) => {
            add(event.currentTarget.files ?? []);
            event.currentTarget.value = "";
          }}
        />
      </label>
      {models.length > 0 &&
        entries.map((entry) => (
          <Picture key={entry.id} file={entry.file} models={models} onRemove={() => setEntries((now) => now.filter((one) => one !== entry))} />
        ))}
    </>
  );
}
