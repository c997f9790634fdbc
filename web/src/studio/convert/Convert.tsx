import { useEffect, useState } from "preact/hooks";
import { models as listed, type Model } from "../api";
import { Drop } from "../Drop";
import { Problem } from "../Problem";
import { Batch } from "./Batch";
import { useEntries } from "./entries";
import { Picture } from "./Picture";

/** A place for pictures, and what becomes of them. */
export function Convert() {
  const [models, setModels] = useState<readonly Model[]>([]);
  const [error, setError] = useState("");
  const { entries, add, change, convert, cancel, drop } = useEntries(models);

  useEffect(() => {
    listed().then(setModels, (problem: Error) => setError(problem.message));
  }, []);
  return (
    <>
      <Problem text={error} />
      {models.length > 0 && <Drop label="Pictures" text="Drop, paste or choose pictures. They stay on this computer." isMany isPasted onFiles={add} />}
      {entries.length > 1 && <Batch entries={entries} onConvert={convert} onCancel={cancel} onChange={change} />}
      {entries.map((entry) => (
        <Picture
          key={entry.id}
          entry={entry}
          models={models}
          onChange={(patch) => change(entry.id, patch)}
          onConvert={() => void convert(entry)}
          onCancel={() => void cancel(entry)}
          onRemove={() => drop(entry)}
        />
      ))}
    </>
  );
}
