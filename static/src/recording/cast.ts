/** A recording's file, asciicast v2, read as it comes. */

export interface Header {
  width: number;
  height: number;
  timestamp: number;
  title: string;
}

/** `o` output, `i` input, `r` another size, `m` a mark; at seconds since the beginning. */
export interface Cast {
  header: Header;
  times: number[];
  codes: string[];
  texts: string[];
}

const EMPTY: Header = { width: 80, height: 24, timestamp: 0, title: "" };

class Reader {
  readonly cast: Cast = { header: EMPTY, times: [], codes: [], texts: [] };
  #rest = "";
  #first = true;

  feed(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  }

  /** What is not whole is passed over: it may be being written just now. */
  #line(line: string): void {
    try {
      const value: unknown = JSON.parse(line);
      if (this.#first) this.cast.header = { ...EMPTY, ...(value as Partial<Header>) };
      else this.#event(value as [number, string, string]);
      this.#first = false;
    } catch {
      // as above
    }
  }

  #event([at, code, text]: [number, string, string]): void {
    this.cast.times.push(at);
    this.cast.codes.push(code);
    this.cast.texts.push(text);
  }
}

export const castUrl = (recording: string, format?: "txt"): string =>
  `/api/v1/recordings/${encodeURIComponent(recording)}/cast${format ? `?format=${format}` : ""}`;

/** `progress` from 0 to 1. Rejects with words for the user. */
export async function loadCast(recording: string, progress: (share: number) => void): Promise<Cast> {
  const response = await fetch(castUrl(recording)).catch(() => null);
  if (!response) throw new Error("The server can’t be reached. Try again when the connection is back.");
  if (!response.ok || !response.body) throw new Error(response.status === 404 ? "This recording is gone. It was deleted, or made room for newer ones." : `The server answered ${response.status}.`);
  const size = Number(response.headers.get("Content-Length")) || 1;
  const reader = new Reader();
  const source = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let read = 0;
  for (let part = await source.read(); !part.done; part = await source.read()) {
    reader.feed(part.value);
    read += part.value.length;
    progress(Math.min(1, read / size));
  }
  return reader.cast;
}

export function sizeOf(text: string): { cols: number; rows: number } | null {
  const found = /^(\d{1,4})x(\d{1,4})$/.exec(text);
  return found ? { cols: Number(found[1]), rows: Number(found[2]) } : null;
}
