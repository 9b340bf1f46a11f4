/** Recordings of a card's terminals: shapes and words. Pure. */

export interface Recording {
  id: string;
  /** 0 is the session's own. */
  terminal: number;
  started_at: string;
  /** Null: it goes on. */
  ended_at: string | null;
  duration_s: number;
  size_bytes: number;
  /** It reached its bound; the next one goes on. */
  cut: boolean;
  input: boolean;
}

/** The words are `line[start:end]`. */
export interface Hit {
  recording: string;
  at_s: number;
  line: string;
  start: number;
  end: number;
}

export interface Hits {
  hits: Hit[];
  /** There may be others. */
  more: boolean;
}

export interface BoardRecording {
  output: boolean;
  input: boolean;
}

export const recordingPath = (card: string, recording: string, at?: number): string => `/c/${card}/recordings/${recording}${at ? `#t=${at.toFixed(1)}` : ""}`;

export function lengthWords(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.round((seconds % 3600) / 60);
  return hours < 48 ? `${hours} h${minutes ? ` ${minutes} min` : ""}` : `${Math.round(seconds / 86_400)} days`;
}
