/** The fields of a recipe's spec, as a form shows and reads them. Pure. */

import type { LayerKind } from "../model/layers";
import type { Spec } from "./types";

export type Source = "image" | "packages" | "default" | "git" | "files" | "use" | "script";

/** Where the content of a layer comes from; the first is the usual one. */
export const SOURCES: Record<LayerKind, [Source, string][]> = {
  base: [["packages", "Debian with packages"], ["image", "Any image"]],
  profile: [["default", "vibenv’s own"], ["git", "A dotfiles repository"], ["files", "A folder"]],
  toolchain: [["use", "Ready-made"], ["script", "A script of my own"]],
  project: [["git", "A git repository"], ["files", "A folder"]],
};

export function sourceOf(kind: LayerKind, spec: Spec): Source {
  const named = SOURCES[kind].find(([source]) => source in spec);
  return named?.[0] ?? SOURCES[kind][0]?.[0] ?? "script";
}

const text = (fields: FormData, name: string): string => String(fields.get(name) ?? "").replace(/\r\n/g, "\n");

/** Only what says something: the API fills in the rest. */
export function specOf(kind: LayerKind, source: Source, fields: FormData): Spec {
  const spec: Spec = {};
  const put = (name: string, value = text(fields, name).trim()): void => {
    if (value) spec[name] = value;
  };
  if (source === "packages") {
    const packages = text(fields, "packages").split(/[\s,]+/).filter(Boolean);
    if (packages.length) spec["packages"] = packages;
  } else if (source === "git") {
    put("git");
    put("ref");
  } else if (source === "use") {
    put("use");
    put("version");
  } else if (source === "script") put("script", text(fields, "script"));
  else if (source !== "default") put(source);
  if (kind !== "toolchain") put("setup", text(fields, "setup").trim() ? text(fields, "setup") : "");
  if (kind !== "base") limits(fields, spec);
  return spec;
}

function limits(fields: FormData, spec: Spec): void {
  if (fields.get("network") === "off") spec["network"] = false;
  for (const name of ["timeout_s", "size_limit_mb"]) {
    const value = text(fields, name).trim();
    if (value) spec[name] = Number(value);
  }
}

/** The field that a refusal is about: it begins with its name. */
export function fieldOf(refusal: string): [string, string] {
  const found = /^([a-z_]+): (.*)$/s.exec(refusal);
  return found ? [found[1] ?? "", found[2] ?? ""] : ["", refusal];
}
