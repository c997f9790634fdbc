import { useEffect, useState } from "preact/hooks";
import { Drop } from "../Drop";
import { Problem } from "../Problem";
import { KINDS, shownLayer, smallPhoto, WEIGHTS, type Layer, type Shown } from "./api";
import { AuditModel } from "./AuditModel";

const FIRST: Layer = { kind: "transposed", kernel: 3, stride: 2, weights: "equal", seed: 0 };

/** An untrained upsampler on a photo, whose pattern follows the sliders; and the audit of a model file. */
export function Checkerboards() {
  const [layer, setLayer] = useState<Layer>(FIRST);
  const [photo, setPhoto] = useState<Blob | null>(null);
  const [shown, setShown] = useState<Shown | null>(null);
  const [error, setError] = useState("");

  useEffect(() => {
    const stop = new AbortController();
    shownLayer(layer, photo, stop.signal).then(
      (found) => (setShown(found), setError("")),
      (problem: Error) => problem.name === "AbortError" || setError(problem.message),
    );
    return () => stop.abort();
  }, [layer, photo]);
  const change = (part: Partial<Layer>) => setLayer((now) => ({ ...now, ...part }));
  const chosen = (file: File) => {
    smallPhoto(file).then(setPhoto, (problem: Error) => setError(problem.message));
  };
  return (
    <>
      <p>
        An upsampling layer computes neighboring pixels with different weights of its kernel: its phases. If the sums of the phases differ, the layer
        adds a pattern to every picture, even to a constant one: a checkerboard.
      </p>
      <Drop label="Photo" text="Drop or choose a photo; without one, a drawn one is used." showsName onFiles={([file]) => file && chosen(file)} />
      <div class="settings">
        <Choice label="Upsampler" options={KINDS} value={layer.kind} onChange={(kind) => change({ kind })} />
        <Slider label="Kernel" text={`${layer.kernel}×${layer.kernel}`} least={1} most={9} value={layer.kernel} onChange={(kernel) => change({ kernel })} />
        <Slider label="Stride (scale)" text={String(layer.stride)} least={2} most={4} value={layer.stride} onChange={(stride) => change({ stride })} />
        <Choice label="Weights" options={WEIGHTS} value={layer.weights} onChange={(weights) => change({ weights })} />
        {layer.weights !== "equal" && (
          <Slider label="Seed" text={String(layer.seed)} least={0} most={20} value={layer.seed} onChange={(seed) => change({ seed })} />
        )}
      </div>
      <Problem text={error} />
      {shown && <Found shown={shown} />}
      <AuditModel />
    </>
  );
}

function Found({ shown }: { readonly shown: Shown }) {
  const kernel = shown.kernel[0] ?? [];
  return (
    <article aria-label="The layer">
      <p class="verdict" aria-live="polite">
        <strong>{shown.even ? "Even." : "Uneven."}</strong> {shown.sentence}
      </p>
      <div class="grids">
        {shown.kernel.length === 1 && <Grid title="Kernel" rows={kernel} />}
        <Grid title="Phase sums" rows={shown.phase_sums} />
        <p>
          Score of the pattern: {shown.flat_score.toFixed(1)} dB on a constant, {shown.score.toFixed(1)} dB on this photo. Above 10 dB, it is a checkerboard.
        </p>
      </div>
      <div class="pictures">
        <Picture src={shown.photo} title="Input" />
        <Picture src={shown.result} title="Result" />
        <Picture src={shown.amplified.picture} title={`Middle of the result: deviation from the neighborhood, contrast × ${gain(shown.amplified.gain)}`} />
        <Picture src={shown.flat.picture} title={`The same for a constant input, contrast × ${gain(shown.flat.gain)}`} />
        <Picture src={shown.spectrum} title="Spectrum of the result: frequency 0 in the middle; a pattern is a bright dot at an edge, a corner or halfway" />
      </div>
      <p class="note"><a href="/explain/phase-sums">Phase sums, step by step</a></p>
    </article>
  );
}

const gain = (value: number) => (value >= 10 ? value.toFixed(0) : value.toPrecision(2));

function Grid({ title, rows }: { readonly title: string; readonly rows: readonly (readonly number[])[] }) {
  return (
    <div class="scroll grid" tabIndex={0} role="group" aria-label={title}>
      <table>
        <caption>{title}</caption>
        <tbody>{rows.map((row) => <tr>{row.map((value) => <td>{value.toFixed(2)}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}

function Picture({ src, title }: { readonly src: string; readonly title: string }) {
  return (
    <figure>
      <img src={src} alt={title} />
      <figcaption>{title}</figcaption>
    </figure>
  );
}

interface ChoiceProps<Key extends string> {
  readonly label: string;
  readonly options: Readonly<Record<Key, string>>;
  readonly value: Key;
  readonly onChange: (value: Key) => void;
}

function Choice<Key extends string>({ label, options, value, onChange }: ChoiceProps<Key>) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value as Key)}>
        {Object.entries<string>(options).map(([key, text]) => <option value={key}>{text}</option>)}
      </select>
    </label>
  );
}

interface SliderProps {
  readonly label: string;
  readonly text: string;
  readonly least: number;
  readonly most: number;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

function Slider({ label, text, least, most, value, onChange }: SliderProps) {
  return (
    <label>
      {label} {text}
      <input type="range" min={least} max={most} step={1} value={value} onInput={(event) => onChange(event.currentTarget.valueAsNumber)} />
    </label>
  );
}
