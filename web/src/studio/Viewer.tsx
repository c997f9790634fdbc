import { useState } from "preact/hooks";

const ZOOMS = ["Fit", "100 %", "200 %"] as const;
type Zoom = (typeof ZOOMS)[number];

export interface ViewerProps {
  /** Addresses of two pictures; the first is as large as the second, or smaller. */
  readonly before: string;
  readonly after: string;
  readonly name: string;
}

/** Before and after on one place, with a border that moves. */
export function Viewer({ before, after, name }: ViewerProps) {
  const [at, setAt] = useState(50);
  const [zoom, setZoom] = useState<Zoom>("Fit");
  const [[width, height], setSize] = useState([1, 1]);
  const shown = zoom === "Fit" ? `min(100%, calc(80vh * ${width / height}))` : `${(width * parseInt(zoom)) / 100 / devicePixelRatio}px`;
  return (
    <div class="viewer">
      <div class="tabs" role="group" aria-label="Size">
        {ZOOMS.map((one) => (
          <button type="button" aria-pressed={one === zoom} onClick={() => setZoom(one)}>{one}</button>
        ))}
        <label class="border">
          Border between before and after
          <input type="range" min={0} max={100} step={0.5} value={at} onInput={(event) => setAt(event.currentTarget.valueAsNumber)} />
        </label>
      </div>
      <div class="scroll" tabIndex={0} aria-label={`${name}, before and after`} role="group">
        <div class={`pair ${zoom === "Fit" ? "" : "pixels"}`} style={{ width: shown }}>
          <img
            src={after}
            alt="after"
            onLoad={({ currentTarget }) => setSize([currentTarget.naturalWidth, currentTarget.naturalHeight])}
          />
          <img class="before" src={before} alt="before" style={{ clipPath: `inset(0 ${100 - at}% 0 0)` }} />
          <div class="line" style={{ left: `${at}%` }} />
        </div>
      </div>
    </div>
  );
}
