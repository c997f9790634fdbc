import type { Point, Rect, Size } from "../viewer/view";

export const textOf = ({ x, y, width, height }: Rect) => `${x},${y},${width},${height}`;

export function rectOf(text: string | undefined): Rect | null {
  const [x, y, width, height] = (text ?? "").split(",").map(Number);
  return x === undefined || y === undefined || !width || !height ? null : { x, y, width, height };
}

/** The rectangle between two points, inside the picture; null if it is empty. */
export function between(a: Point, b: Point, picture: Size): Rect | null {
  const inside = (at: number, most: number) => Math.round(Math.min(Math.max(at, 0), most));
  const [left, right] = [a.x, b.x].map((at) => inside(at, picture.width)).sort((m, n) => m - n) as [number, number];
  const [top, bottom] = [a.y, b.y].map((at) => inside(at, picture.height)).sort((m, n) => m - n) as [number, number];
  return right > left && bottom > top ? { x: left, y: top, width: right - left, height: bottom - top } : null;
}

export interface PartProps {
  readonly rect: Rect;
  readonly picture: Size;
  readonly onChange: (rect: Rect) => void;
}

const NAMES = { x: "Left", y: "Top", width: "Width", height: "Height" } as const;

/** The part to convert, in numbers. */
export function PartNumbers({ rect, picture, onChange }: PartProps) {
  const most = { x: picture.width - rect.width, y: picture.height - rect.height, width: picture.width - rect.x, height: picture.height - rect.y };
  return (
    <div class="settings" role="group" aria-label="Part, in pixels">
      {(Object.keys(NAMES) as (keyof Rect)[]).map((key) => (
        <label>
          {NAMES[key]}
          <input
            type="number" value={rect[key]} min={key === "x" || key === "y" ? 0 : 1} max={most[key]}
            onInput={(event) => event.currentTarget.validity.valid && onChange({ ...rect, [key]: event.currentTarget.valueAsNumber })}
          />
        </label>
      ))}
    </div>
  );
}

/** The frame around a part, above the picture. */
export function Frame({ rect, place }: { readonly rect: Rect; readonly place: (at: Point) => Point }) {
  const [first, last] = [place(rect), place({ x: rect.x + rect.width, y: rect.y + rect.height })];
  return <div class="frame" style={{ left: `${first.x}px`, top: `${first.y}px`, width: `${last.x - first.x}px`, height: `${last.y - first.y}px` }} />;
}
