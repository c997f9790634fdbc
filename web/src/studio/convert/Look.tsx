import { useEffect, useRef, useState } from "preact/hooks";
import { resultUrl, type Settings } from "../api";
import { download } from "../download";
import { forget, LONGEST, previewPart, type Preview } from "../preview";
import { Problem } from "../Problem";
import { Viewer } from "../Viewer";
import { middle, type Point, type Rect, type Size } from "../viewer/view";
import type { Entry } from "./entries";
import { PaintedMap } from "./PaintedMap";
import { MapPaint } from "./MapPaint";
import { between, Frame, PartNumbers, rectOf, textOf } from "./Part";

export interface LookProps {
  readonly entry: Entry;
  readonly takesMap: boolean;
  readonly onSettings: (settings: Settings) => void;
}

type Tool = "part" | "paint" | null;

/** The picture, its result or a preview of a part, with the tools that choose the part and paint the map. */
export function Look({ entry, takesMap, onSettings }: LookProps) {
  const { opened, run, used, settings, file } = entry;
  const [tool, setTool] = useState<Tool>(null);
  const [seen, setSeen] = useState<{ part: Rect; picture: Size } | null>(null);
  const [preview, setPreview] = useState<(Preview & { part: Rect }) | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const [painted, setPainted] = useState<PaintedMap | null>(null);
  const [brush, setBrush] = useState({ level: 1, width: 40 });
  const start = useRef<Point>({ x: 0, y: 0 });
  const part = rectOf(settings.crop);

  useEffect(() => {
    if (preview && run?.state === "done") (forget(preview.job), setPreview(null));
  }, [run?.state]);
  useEffect(() => () => forget(preview?.job), [preview]);
  if (!opened) return null;

  const choose = (rect: Rect | null) => onSettings({ ...settings, crop: rect ? textOf(rect) : "" });
  const stroke = (at: Point, isFirst: boolean, isLast: boolean) => {
    if (isFirst) start.current = at;
    if (tool === "part" && seen) {
      if (!isFirst) choose(between(start.current, at, seen.picture));
    } else if (painted) {
      painted.stroke(start.current, at, brush.level, brush.width);
      start.current = at;
      if (isLast) void painted.png().then((map) => onSettings({ ...settings, map }), (problem: Error) => setError(problem.message));
    }
  };
  const show = async () => {
    if (!seen) return;
    setBusy(true);
    setError("");
    try {
      const chosen = middle(part ?? seen.part, LONGEST);
      const map = painted && settings.map ? await painted.png(chosen) : null;
      setPreview({ ...(await previewPart(opened.id, chosen, { ...settings, map })), part: chosen });
    } catch (problem) {
      setError((problem as Error).message);
    }
    setBusy(false);
  };
  const pick = (next: Tool) => {
    setTool(tool === next ? null : next);
    if (next === "paint" && !painted && seen) setPainted(new PaintedMap(seen.picture, settings.perception === "auto" ? 0 : settings.perception ?? 0));
  };
  const isDone = run?.state === "done";
  const source = { job: opened.id, of: "before" } as const;
  const pair = isDone && !preview
    ? { before: source, after: { job: run.id, of: "after" as const }, place: rectOf(used?.crop) ?? undefined }
    : preview ? { before: source, after: { job: preview.job.id, of: "after" as const }, place: preview.part } : { after: source };
  return (
    <>
      <div class="tabs" role="group" aria-label="Tools">
        <button type="button" aria-pressed={tool === "part"} onClick={() => pick("part")}>Choose a part</button>
        {takesMap && <button type="button" aria-pressed={tool === "paint"} onClick={() => pick("paint")}>Paint a map</button>}
        <button type="button" disabled={isBusy || !seen} onClick={() => void show()}>Preview</button>
        {preview && <button type="button" onClick={() => (forget(preview.job), setPreview(null))}>End the preview</button>}
        <span class="note" role="status">
          {isBusy ? "Converting the preview …" : preview ? `Preview of ${preview.part.width}×${preview.part.height} pixels in 8 bits, ${preview.seconds.toFixed(1)} s` : `The preview converts the middle of ${part ? "the part" : "what you see"}, up to ${LONGEST}×${LONGEST} pixels.`}
        </span>
      </div>
      <Problem text={error} />
      {tool === "part" && seen && (
        <>
          <p class="note">Drag over the picture, or give the part in pixels. <strong>Convert</strong> then converts this part only.</p>
          <PartNumbers rect={part ?? { x: 0, y: 0, ...seen.picture }} picture={seen.picture} onChange={choose} />
          {part && <button type="button" onClick={() => choose(null)}>The whole picture</button>}
        </>
      )}
      {tool === "paint" && (
        <div class="settings" role="group" aria-label="Brush">
          <label>
            Detail {brush.level.toFixed(2)}
            <input type="range" min={0} max={1} step={0.05} value={brush.level} onInput={(event) => setBrush({ ...brush, level: event.currentTarget.valueAsNumber })} />
          </label>
          <label>
            Width {brush.width} pixels
            <input type="range" min={1} max={400} value={brush.width} onInput={(event) => setBrush({ ...brush, width: event.currentTarget.valueAsNumber })} />
          </label>
          <button type="button" onClick={() => (setPainted(null), setTool(null), onSettings({ ...settings, map: null }))}>Remove the map</button>
          <button type="button" disabled={!settings.map} onClick={() => settings.map && download(settings.map, "map.png")}>Save the map</button>
        </div>
      )}
      <Viewer name={file.name} {...pair} {...(tool ? { onStroke: stroke } : {})} onSeen={(rect, picture) => setSeen({ part: rect, picture })}>
        {(place) => (
          <>
            {tool === "paint" && painted && seen && <MapPaint map={painted} picture={seen.picture} place={place} />}
            {preview && <Frame rect={preview.part} place={place} />}
            {part && !preview && !(isDone && used?.crop === settings.crop) && <Frame rect={part} place={place} />}
          </>
        )}
      </Viewer>
      {isDone && <p><a class="button" href={resultUrl(run.id)} download={run.name}>Download {run.name}</a></p>}
    </>
  );
}
