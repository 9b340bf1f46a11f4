/** Pasted pictures and files: they go to the card, and a text says where they will be. */

import { uploads } from "../model/uploads";
import type { CardFile } from "../model/talk";
import type { MentionField } from "../ui/mention-field";

/** Browsers call every pasted picture `image.png`: the moment tells them apart. */
export function named(file: File): File {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const moment = new Date().toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".");
  return new File([file], `Pasted ${moment}.${file.name.split(".").at(-1)}`, { type: file.type });
}

/** Upload, and write the path into the text once it is known. */
export function pastedInto(field: MentionField, card: string, files: File[]): void {
  const done = (file: CardFile): void => {
    if (field.element.isConnected) field.insert(`\`${file.path}\` `);
  };
  uploads.add(card, files.map(named), done);
}
