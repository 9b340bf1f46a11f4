/** What agents ask people, as `/api/v1` speaks of it. */

export interface Question {
  id: string;
  text: string;
  /** What may be chosen from; an answer need not be one of them. */
  options: string[];
  asked_by: string;
  kind: "human" | "guest" | "agent";
  created_at: string;
  answer: string;
  answered_by: string;
  answered_at: string | null;
  withdrawn_at: string | null;
  open: boolean;
}
