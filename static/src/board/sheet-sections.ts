/** Parts of a card's sheet that have a module of their own, in the order they are shown. */

import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { commentsSection } from "./comments";
import { filesSection } from "./files";
import { historySection } from "./history-section";
import { layersSection } from "./layers-section";
import { lineageSection } from "./lineage-section";
import { agentSection } from "./agent-section";
import { questionsSection } from "./questions-section";
import { recordingsSection } from "./recordings-section";
import { secretsSection } from "./secrets-section";
import { sleepSection } from "./sleep-section";
import { snapshotsSection } from "./snapshots-section";

/** Lives as long as the sheet is open, and renders itself into its element. */
export interface SheetSection {
  readonly element: HTMLElement;
  /** The board changed; perhaps the card too. */
  changed?(card: Card): void;
  /** Something was typed that is not sent: the sheet then asks before it closes. */
  unsaved?(): boolean;
  focus?(): void;
  closed?(): void;
}

export type SectionName = "questions" | "agent" | "layers" | "sleep" | "snapshots" | "lineage" | "recordings" | "files" | "secrets" | "comments" | "history";

export const SECTIONS: [SectionName, (store: Store, card: Card) => SheetSection][] = [
  ["questions", questionsSection],
  ["agent", agentSection],
  ["layers", layersSection],
  ["sleep", sleepSection],
  ["snapshots", snapshotsSection],
  ["lineage", lineageSection],
  ["recordings", recordingsSection],
  ["files", filesSection],
  ["secrets", secretsSection],
  ["comments", commentsSection],
  ["history", historySection],
];
