/** Uploading from where no list of files is seen: a note says what became of each, and where it is in the session. */

import type { Store } from "../model/store";
import type { CardFile } from "../model/talk";
import { uploads, type Upload } from "../model/uploads";
import { api } from "../net/api";
import { copied } from "../ui/copy";
import { toast } from "../ui/toast";

const ARRIVES_MS = 30_000;
const LOOK_EVERY_MS = 300;

function tellArrived(file: CardFile): void {
  toast({ tone: "info", title: `“${file.name}” is in the session.`, detail: file.path, action: { words: "Copy path", run: () => void copied(file.path, "Path") } });
}

/** Resolves once a worker has copied it, or could not; null when the card went first or it takes too long. */
async function settled(store: Store, card: string, id: string): Promise<CardFile | null> {
  const end = Date.now() + ARRIVES_MS;
  while (Date.now() < end && store.card(card)) {
    const file = (await api.files(card)).find((each) => each.id === id);
    if (!file || file.in_session || file.problem) return file ?? null;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return null;
}

async function tell(store: Store, card: string, file: CardFile): Promise<void> {
  if (store.card(card)?.session?.status !== "running") {
    toast({ tone: "info", title: `“${file.name}” is on the card.`, detail: `From the session’s next start it is ${file.path}` });
    return;
  }
  const found = await settled(store, card, file.id).catch(() => null);
  if (found?.in_session) tellArrived(found);
  else if (found?.problem) toast({ tone: "error", title: `“${file.name}” is on the card, but not in the session.`, detail: found.problem });
}

/** Failures are told once each; the card's list of files offers another try, too. */
export function uploadWithNews(store: Store, card: string, files: Iterable<File>): void {
  const told = new Set<Upload>();
  const mine = uploads.add(card, files, (file) => void tell(store, card, file));
  const end = uploads.subscribe(() => {
    const left = mine.filter((upload) => uploads.of(card).includes(upload));
    for (const upload of left) {
      if (upload.state !== "failed") told.delete(upload);
      else if (!told.has(upload)) tellFailed(told, upload);
    }
    if (!left.length) end();
  });
}

function tellFailed(told: Set<Upload>, upload: Upload): void {
  told.add(upload);
  const retry = { words: "Try again", run: () => uploads.retry(upload) };
  toast({ tone: "error", title: `Couldn’t upload “${upload.file.name}”.`, detail: upload.reason, action: retry });
}
