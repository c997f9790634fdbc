// The widget of `repix.studio.show`: a picture, a pair of pictures, a trace or a training run, in a notebook's cell.

import { render as draw } from "preact";
import { useState } from "preact/hooks";
import { Stepper } from "../stepper/Stepper";
import type { Trace } from "../stepper/trace";
import { Viewer } from "../studio/Viewer";
import style from "./notebook.css?inline";

/** The part of anywidget's model that is used. */
interface Model {
  get(name: string): unknown;
}

interface File {
  readonly name: string;
  readonly type: string;
}

interface Named {
  readonly name: string;
  readonly url: string;
}

function Run({ name, curve, samples }: { readonly name: string; readonly curve: Named | undefined; readonly samples: readonly Named[] }) {
  const [at, setAt] = useState(samples.length - 1);
  const shown = samples[at];
  return (
    <>
      <h2>{name}</h2>
      {curve && <p><img src={curve.url} alt="loss and first metric by step" /></p>}
      {shown && (
        <>
          <label class="border">
            Sample {shown.name}
            <input type="range" min={0} max={samples.length - 1} value={at} onInput={(event) => setAt(event.currentTarget.valueAsNumber)} />
          </label>
          <p><img src={shown.url} alt={`source, result and target, ${shown.name}`} /></p>
        </>
      )}
    </>
  );
}

function Shown({ kind, data, files }: { readonly kind: string; readonly data: { readonly name: string }; readonly files: readonly Named[] }) {
  const [first, second] = files;
  if (kind === "trace") return <Stepper trace={data as unknown as Trace} isPage={false} />;
  if (kind === "run") {
    return <Run name={data.name} curve={files.find((one) => one.name === "curve.svg")} samples={files.filter((one) => one.name !== "curve.svg")} />;
  }
  if (first && second) return <Viewer before={first.url} after={second.url} name={data.name} />;
  return first ? <img src={first.url} alt={data.name} /> : null;
}

/** Draw a model into a cell; the returned function removes it. */
function render({ model, el }: { readonly model: Model; readonly el: HTMLElement }): () => void {
  const shadow = el.attachShadow({ mode: "open" }); // the notebook's styles and ours do not meet
  const sheet = document.createElement("style");
  sheet.textContent = style;
  const root = document.createElement("div");
  shadow.append(sheet, root);
  const contents = model.get("contents") as DataView<ArrayBuffer>[];
  const files = (model.get("files") as File[]).map(({ name, type }, i) => ({
    name,
    url: URL.createObjectURL(new Blob([contents[i]!], { type })),
  }));
  draw(<Shown kind={model.get("kind") as string} data={model.get("data") as { name: string }} files={files} />, root);
  return () => {
    draw(null, root);
    for (const { url } of files) URL.revokeObjectURL(url);
  };
}

export default { render };
