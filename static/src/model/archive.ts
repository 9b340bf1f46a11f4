/** Taking cards off the board, and bringing them back. */

import { api } from "../net/api";
import { toast } from "../ui/toast";
import { optimistically } from "./actions";
import { withoutCard } from "./board";
import type { Change, Store } from "./store";
import type { Card } from "./types";

const isRunning = (card: Card): boolean => card.session?.status === "running" || card.session?.status === "starting";

export async function archiveCard(store: Store, id: string): Promise<boolean> {
  const card = store.card(id);
  if (!card || card.unsaved) return false;
  const change: Change = (board) => withoutCard(board, id);
  const done = await optimistically(store, `Couldn’t archive “${card.title}”.`, change, () => api.archiveCard(id), (gone) => store.putCard(gone));
  if (!done) return false;
  const detail = isRunning(card) ? "Its session stops and keeps its files." : "Its files are kept.";
  toast({ tone: "info", title: `Archived “${card.title}”.`, detail, action: { words: "Undo", run: () => void restoreCard(store, card) } });
  return true;
}

export function restoreCard(store: Store, card: Card): Promise<boolean> {
  return optimistically(store, `Couldn’t restore “${card.title}”.`, (board) => board, () => api.restoreCard(card.id), (back) => store.putCard(back));
}
