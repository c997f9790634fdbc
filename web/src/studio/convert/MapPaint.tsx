import { useLayoutEffect, useRef } from "preact/hooks";
import type { Point, Size } from "../viewer/view";
import type { PaintedMap } from "./PaintedMap";

export interface MapPaintProps {
  readonly map: PaintedMap;
  readonly picture: Size;
  readonly place: (at: Point) => Point;
}

/** The painted map above the picture, half transparent. */
export function MapPaint({ map, picture, place }: MapPaintProps) {
  const holder = useRef<HTMLDivElement>(null);
  const [first, last] = [place({ x: 0, y: 0 }), place({ x: picture.width, y: picture.height })];
  useLayoutEffect(() => holder.current?.replaceChildren(map.canvas), [map]);
  return <div ref={holder} class="map" style={{ left: `${first.x}px`, top: `${first.y}px`, width: `${last.x - first.x}px`, height: `${last.y - first.y}px` }} />;
}
