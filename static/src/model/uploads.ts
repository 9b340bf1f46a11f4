/** Files on their way to the server, one after the other. They go on while their card's details are closed. */

import { ApiError } from "../net/api";
import { sendFile, type Sending } from "../net/upload";
import { LARGEST_FILE_BYTES, sizeWords, type CardFile } from "./talk";

export interface Upload {
  readonly key: number;
  readonly card: string;
  readonly file: File;
  state: "waiting" | "sending" | "failed";
  /** From 0 to 1. */
  sent: number;
  reason: string;
}

type Done = (file: CardFile) => void;

export class Uploads {
  #all: Upload[] = [];
  #done = new Map<Upload, Done>();
  #listeners = new Set<() => void>();
  #current: { upload: Upload; sending: Sending } | null = null;
  #keys = 0;

  of(card: string): readonly Upload[] {
    return this.#all.filter((upload) => upload.card === card);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  add(card: string, files: Iterable<File>, done: Done = () => {}): Upload[] {
    const added = [...files].map((file): Upload => ({ key: ++this.#keys, card, file, state: "waiting", sent: 0, reason: "" }));
    for (const upload of added) this.#done.set(upload, done);
    this.#all.push(...added);
    this.#next();
    return added;
  }

  retry(upload: Upload): void {
    upload.state = "waiting";
    this.#next();
  }

  /** Stop it, or forget that it failed. */
  dismiss(upload: Upload): void {
    this.#all = this.#all.filter((each) => each !== upload);
    this.#done.delete(upload);
    if (this.#current?.upload === upload) this.#current.sending.abort();
    this.#changed();
  }

  #next(): void {
    const upload = this.#current ? undefined : this.#all.find((each) => each.state === "waiting");
    this.#changed();
    if (upload) void this.#send(upload);
  }

  async #send(upload: Upload): Promise<void> {
    upload.state = "sending";
    upload.sent = 0;
    try {
      if (upload.file.size > LARGEST_FILE_BYTES) throw new ApiError(413, `It has ${sizeWords(upload.file.size)}; a file may have ${sizeWords(LARGEST_FILE_BYTES)}.`);
      const sending = sendFile(upload.card, upload.file, (part) => {
        upload.sent = part;
        this.#changed();
      });
      this.#current = { upload, sending };
      const done = this.#done.get(upload);
      const stored = await sending.done;
      this.dismiss(upload);
      done?.(stored);
    } catch (error) {
      upload.state = "failed";
      upload.reason = error instanceof Error ? error.message : String(error);
    }
    this.#current = null;
    this.#next();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** The page's. */
export const uploads = new Uploads();
