/** The door of the set-up: which file it writes, where secrets go, and how the product starts anew over what was written. */
import type { Session } from '../store/control/control.ts'

export interface SetUpDoor {
  /** The configuration file, absolute. */
  file: string
  /** Folder of secrets that were pasted into the dashboard, absolute. */
  secrets: string
  env: Readonly<Record<string, string | undefined>>
  /** Starts the product anew inside this process, once the answer to whoever asked is on its way. */
  restart(): void
  /** The sample company; null where this process cannot found one. */
  sample: SampleDoor | null
}

/** A simulated company in a data folder of its own, shown in the place of the real one until it is removed. */
export interface SampleDoor {
  shown: boolean
  /** Shows it; who asked stays signed in. */
  show(session: Session | null): void
  /** Back to the company's own data; everything of the sample is deleted. */
  remove(): void
}
