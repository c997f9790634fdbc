/** The sentence of a problem; without one, nothing is seen. It keeps its place, so that what stands after it stays as it is. */
export function Problem({ text }: { readonly text: string }) {
  return text ? <p class="error" role="alert">{text}</p> : null;
}
