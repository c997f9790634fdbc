import { useRef, useState } from "preact/hooks";

export interface DropProps {
  readonly label: string;
  readonly text: string;
  readonly onFile: (file: File) => void;
}

/** A place for one file: drop or choose it. */
export function Drop({ label, text, onFile }: DropProps) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = (files: FileList | null | undefined) => files?.[0] && onFile(files[0]);
  return (
    <label
      class={`drop ${over ? "over" : ""}`}
      onDragOver={(event) => (event.preventDefault(), setOver(true))}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const files = event.dataTransfer?.files;
        if (input.current && files) input.current.files = files; // so that it shows the name
        take(files);
      }}
    >
      {text}
      <input
        type="file"
        aria-label={label}
        ref={input}
        onChange={(event) => take(event.currentTarget.files)}
      />
    </label>
  );
}
