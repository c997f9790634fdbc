import { useEffect, useRef, useState } from "preact/hooks";
import { resultUrl, start, watch, type Hint, type Job } from "../api";
import { quoted } from "../command";
import { download } from "../download";
import { forget } from "../preview";
import { Problem } from "../Problem";
import { Viewer } from "../Viewer";
import type { Point, Rect, Size } from "../viewer/view";
import { readHints, useHints, writtenHints } from "./hints";
import { Marks } from "./Marks";
import { PALETTE } from "./palette";
import { usePreview } from "./preview";

export interface PaintingProps {
  readonly file: File;
  readonly opened: Job;
}

/** One picture with its hints, the colors that they give, and the result in full size. */
export function Painting({ file, opened }: PaintingProps) {
  const { hints, set, undo, redo, canUndo, canRedo } = useHints();
  const [color, setColor] = useState<string>(PALETTE[0].color);
  const [selected, setSelected] = useState(-1);
  const [seen, setSeen] = useState<{ part: Rect; picture: Size } | null>(null);
  const [full, setFull] = useState<{ job: Job; hints: readonly Hint[] } | null>(null);
  const [error, setError] = useState("");
  const [shown, isBusy, problem] = usePreview(opened, hints, seen?.picture.width ?? 0);
  const saved = `${file.name.replace(/\.[^.]*$/, "")}-hints.json`;
  const section = useRef<HTMLElement>(null);

  useEffect(() => () => forget(full?.job), [full?.job.id]);
  const add = ({ x, y }: Point) => {
    set([...hints, { x, y, color }]);
    setSelected(-1);
  };
  const pick = (next: string, isDrag = false) => {
    setColor(next);
    if (hints[selected]) set(hints.map((one, number) => (number === selected ? { ...one, color: next } : one)), isDrag ? `color ${selected}` : undefined);
  };
  const drop = (number: number) => {
    set(hints.filter((_, one) => one !== number));
    setSelected(-1);
    section.current?.querySelector<HTMLElement>(".stage")?.focus();
  };
  const load = (given: File) =>
    readHints(given).then((found) => (set(found), setSelected(-1), setError("")), (wrong: Error) => setError(wrong.message));
  const convert = async () => {
    setError("");
    try {
      const job = await start({ file, id: opened.id }, { model: "colorize", hints });
      setFull({ job, hints });
      watch(job.id, (now) => setFull({ job: now, hints }), setError);
    } catch (wrong) {
      setError((wrong as Error).message);
    }
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Escape") setSelected(-1);
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
    event.preventDefault();
    (event.shiftKey ? redo : undo)();
    setSelected(-1);
  };
  const job = full?.job;
  const isFull = job?.state === "done" && full?.hints === hints;
  const source = { job: opened.id, of: "before" } as const;
  const after = isFull ? job.id : shown?.job.id;
  return (
    <article ref={section} aria-label={file.name} onKeyDown={keys}>
      <h2>{file.name}</h2>
      <div class="settings" role="group" aria-label="Color of the next hint, or of the chosen one">
        <label>
          Color
          <input type="color" value={color} onInput={(event) => pick(event.currentTarget.value, true)} />
        </label>
        <div class="palette">
          {PALETTE.map((one) => (
            <button type="button" class="swatch" title={one.name} aria-label={`${one.name} ${one.color}`} aria-pressed={one.color === color} style={{ background: one.color }} onClick={() => pick(one.color)} />
          ))}
        </div>
      </div>
      <div class="tabs">
        <button type="button" disabled={!seen} onClick={() => seen && add({ x: Math.floor(seen.part.x + seen.part.width / 2), y: Math.floor(seen.part.y + seen.part.height / 2) })}>Hint in the middle</button>
        <button type="button" disabled={!canUndo} onClick={() => (undo(), setSelected(-1))}>Undo</button>
        <button type="button" disabled={!canRedo} onClick={() => (redo(), setSelected(-1))}>Redo</button>
        <button type="button" disabled={!hints[selected]} onClick={() => drop(selected)}>Remove the hint</button>
        <button type="button" disabled={hints.length === 0} onClick={() => (set([]), setSelected(-1))}>Remove all</button>
        <button type="button" disabled={hints.length === 0} onClick={() => download(writtenHints(hints), saved)}>Save hints</button>
        <label class="button">
          Load hints
          <input type="file" class="hidden" accept=".json" aria-label="Load hints" onChange={(event) => { const given = event.currentTarget.files?.[0]; if (given) void load(given); event.currentTarget.value = ""; }} />
        </label>
      </div>
      <Problem text={error || problem} />
      <p class="note" role="status">
        {isFull ? "The result in full size." : shown ? `${hints.length} ${hints.length === 1 ? "hint" : "hints"}; colors of a copy of ${shown.longest} pixels, ${shown.seconds.toFixed(1)} s${isBusy ? " …" : ""}` : "Coloring …"}
      </p>
      <Viewer name={file.name} border={0} {...(after ? { before: source, after: { job: after, of: "after" as const } } : { after: source })} onTap={add} onSeen={(part, picture) => setSeen({ part, picture })}>
        {(place) =>
          seen && <Marks hints={hints} selected={selected} picture={seen.picture} place={place} onSelect={setSelected} onRemove={drop}
            onMove={(number, to) => (setSelected(number), set(hints.map((one, at) => (at === number ? { ...one, ...to } : one)), `move ${number}`))} />
        }
      </Viewer>
      <p class="settings">
        <button type="button" class="main" disabled={job?.state === "waiting" || job?.state === "running"} onClick={() => void convert()}>Colorize in full size</button>
        {job && (job.state === "waiting" || job.state === "running") && <progress value={job.progress} aria-label="Progress" />}
        {isFull && <a class="button" href={resultUrl(job.id)} download={job.name}>Download {job.name}</a>}
      </p>
      <Problem text={job?.state === "failed" ? job.error : ""} />
      <details>
        <summary>Show me the command</summary>
        <pre tabIndex={0}>{`repix colorize ${quoted(file.name)} --model colorize${hints.length ? ` --hints ${quoted(saved)}` : ""}`}</pre>
      </details>
    </article>
  );
}
