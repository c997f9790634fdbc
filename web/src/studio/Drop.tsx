import { useEffect, useRef, useState } from "preact/hooks";

export interface DropProps {
  readonly label: string;
  readonly text: string;
  readonly isMany?: boolean;
  /** Whether pasted files come here, while the place is seen. */
  readonly isPasted?: boolean;
  /** Whether the place shows the name of the file that it has, rather than being free for the next one. */
  readonly showsName?: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}

/** A place to drop, paste or choose files. */
export function Drop({ label, text, isMany = false, isPasted = false, showsName = false, onFiles }: DropProps) {
  const [over, setOver] = useState(false);
  const element = useRef<HTMLLabelElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const take = useRef(onFiles);
  take.current = onFiles;
  const add = (files: FileList | null | undefined) => {
    const given = [...(files ?? [])];
    if (given.length) take.current(isMany ? given : given.slice(0, 1));
  };

  useEffect(() => {
    if (!isPasted) return;
    const pasted = (event: ClipboardEvent) => element.current?.offsetParent && add(event.clipboardData?.files);
    addEventListener("paste", pasted);
    return () => removeEventListener("paste", pasted);
  }, []);
  return (
    <label
      ref={element}
      class={`drop ${over ? "over" : ""}`}
      onDragOver={(event) => (event.preventDefault(), setOver(true))}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const files = event.dataTransfer?.files;
        if (showsName && input.current && files) input.current.files = files;
        add(files);
      }}
    >
      {text}
      <input
        type="file"
        ref={input}
        multiple={isMany}
        aria-label={label}
        onChange={(event) => {
          add(event.currentTarget.files);
          if (!showsName) event.currentTarget.value = "";
        }}
      />
    </label>
  );
}
