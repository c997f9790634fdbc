// The part of a picture that is seen. Places on the screen are CSS pixels from the left and top of the viewer's box.

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Rect extends Point, Size {}

/** The picture's point in the middle of the box, and the CSS pixels that a pixel of the picture takes. */
export interface View extends Point {
  readonly scale: number;
}

const LARGEST = 32;

export const fitting = (picture: Size, box: Size) => Math.min(box.width / picture.width, box.height / picture.height);

/** The whole picture. */
export const whole = (picture: Size, box: Size): View => ({ x: picture.width / 2, y: picture.height / 2, scale: fitting(picture, box) });

/** A view that shows as much of the picture as it can; smaller than the whole picture and its pixels make no sense. */
export function held(view: View, picture: Size, box: Size): View {
  const least = Math.min(fitting(picture, box), 1 / devicePixelRatio);
  const scale = Math.min(Math.max(view.scale, least), Math.max(LARGEST, fitting(picture, box)));
  const axis = (at: number, length: number, seen: number) => (seen >= length ? length / 2 : Math.min(Math.max(at, seen / 2), length - seen / 2));
  return { x: axis(view.x, picture.width, box.width / scale), y: axis(view.y, picture.height, box.height / scale), scale };
}

export const toScreen = (view: View, box: Size, at: Point): Point => ({
  x: (at.x - view.x) * view.scale + box.width / 2,
  y: (at.y - view.y) * view.scale + box.height / 2,
});

export const toPicture = (view: View, box: Size, at: Point): Point => ({
  x: (at.x - box.width / 2) / view.scale + view.x,
  y: (at.y - box.height / 2) / view.scale + view.y,
});

/** The view at another scale, at which the picture's point under `at` stays there. */
export function zoomed(view: View, scale: number, at: Point, picture: Size, box: Size): View {
  const { scale: allowed } = held({ ...view, scale }, picture, box);
  const fixed = toPicture(view, box, at);
  return held({ x: fixed.x - (at.x - box.width / 2) / allowed, y: fixed.y - (at.y - box.height / 2) / allowed, scale: allowed }, picture, box);
}

export const moved = (view: View, right: number, down: number, picture: Size, box: Size): View =>
  held({ ...view, x: view.x - right / view.scale, y: view.y - down / view.scale }, picture, box);

/** The rectangle of the picture that is seen, in whole pixels. */
export function seen(view: View, picture: Size, box: Size): Rect {
  const first = toPicture(view, box, { x: 0, y: 0 });
  const last = toPicture(view, box, { x: box.width, y: box.height });
  const [x, y] = [Math.max(0, Math.floor(first.x)), Math.max(0, Math.floor(first.y))];
  return { x, y, width: Math.min(picture.width, Math.ceil(last.x)) - x, height: Math.min(picture.height, Math.ceil(last.y)) - y };
}

/** The middle of a rectangle, at most this high and wide. */
export function middle(rect: Rect, longest: number): Rect {
  const [width, height] = [Math.min(rect.width, longest), Math.min(rect.height, longest)];
  return { x: rect.x + Math.floor((rect.width - width) / 2), y: rect.y + Math.floor((rect.height - height) / 2), width, height };
}
