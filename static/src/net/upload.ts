/** Sending a file. By XMLHttpRequest: `fetch` cannot tell how far it is. */

import type { CardFile } from "../model/talk";
import { ApiError, csrfToken } from "./api";

export interface Sending {
  done: Promise<CardFile>;
  abort(): void;
}

const UNREACHABLE = "The server can’t be reached. Try again when the connection is back.";

function answerOf(request: XMLHttpRequest): CardFile {
  const body = request.response as (CardFile & { detail?: string }) | null;
  if (request.status === 201 && body) return body;
  throw new ApiError(request.status, body?.detail ?? `The server answered ${request.status}. Try again; if it stays, its log says more.`);
}

/** `sent` is told how much of the file has left, from 0 to 1. Rejects with `ApiError`. */
export function sendFile(card: string, file: File, sent: (part: number) => void): Sending {
  const request = new XMLHttpRequest();
  const form = new FormData();
  form.append("file", file, file.name);
  const done = new Promise<CardFile>((resolve, reject) => {
    request.upload.onprogress = (event) => event.lengthComputable && sent(event.loaded / event.total);
    request.onload = () => {
      try {
        resolve(answerOf(request));
      } catch (error) {
        reject(error as ApiError);
      }
    };
    request.onerror = () => reject(new ApiError(0, UNREACHABLE));
    request.onabort = () => reject(new ApiError(0, "You stopped it."));
  });
  request.open("POST", `/api/v1/cards/${encodeURIComponent(card)}/files`);
  request.responseType = "json";
  request.setRequestHeader("X-CSRFToken", csrfToken());
  request.send(form);
  return { done, abort: () => request.abort() };
}

/** A packed folder for a layer: what a spec's `files` takes. */
export async function uploadFolder(board: string, file: File): Promise<{ digest: string; size_bytes: number; files: number }> {
  const form = new FormData();
  form.append("file", file, file.name);
  const options = { method: "POST", headers: { "X-CSRFToken": csrfToken() }, body: form };
  const response = await fetch(`/api/v1/boards/${encodeURIComponent(board)}/uploads`, options).catch(() => null);
  if (!response) throw new ApiError(0, UNREACHABLE);
  const body = (await response.json().catch(() => ({}))) as { digest: string; size_bytes: number; files: number; detail?: string };
  if (!response.ok) throw new ApiError(response.status, body.detail ?? `The server answered ${response.status}. Try again; if it stays, its log says more.`);
  return body;
}
