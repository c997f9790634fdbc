import { useState } from "preact/hooks";
import { sampleUrl } from "./api";

/** The sample sheets of a run, with a slider over its validations; at the end it follows the newest. */
export function Samples({ name, steps }: { readonly name: string; readonly steps: readonly number[] }) {
  const [chosen, setChosen] = useState<number | null>(null);
  const last = steps.at(-1);
  if (last === undefined) return <p>No sample sheet yet; each validation adds one.</p>;
  const index = chosen === null ? steps.length - 1 : Math.max(0, steps.indexOf(chosen));
  const step = steps[index] ?? last;
  const choose = (to: number) => setChosen(to >= steps.length - 1 ? null : steps[to] ?? null);
  return (
    <>
      <label class="border">
        Samples after step {step}
        <input
          type="range"
          min={0}
          max={steps.length - 1}
          value={index}
          disabled={steps.length < 2}
          aria-valuetext={`step ${step}`}
          onInput={(event) => choose(event.currentTarget.valueAsNumber)}
        />
      </label>
      <div class="scroll" tabIndex={0} role="group" aria-label="Sample sheet">
        <img class="sheet" src={sampleUrl(name, step)} alt={`source, result and target of held-out pictures after step ${step}`} />
      </div>
    </>
  );
}
