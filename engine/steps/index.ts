import type { FileService } from "../files/index.ts";
import type { HttpClient } from "../http/index.ts";
import type { Mailer } from "../mail/index.ts";
import type { StepType } from "../model/index.ts";
import { conditional } from "./conditional.ts";
import { dataTransform } from "./data-transform.ts";
import { delay } from "./delay.ts";
import { eventCommand } from "./event-command.ts";
import { fileProcess } from "./file-process.ts";
import { httpRequest } from "./http-request.ts";
import { log } from "./log.ts";
import { notification } from "./notification.ts";
import { type Participants, participant } from "./participant.ts";
import { waitForEvent } from "./wait-for-event.ts";
import { workflow } from "./workflow.ts";

/** What step types need from the rest of the service. */
export interface StepServices {
  readonly files: FileService;
  readonly http: HttpClient;
  /** Null when SMTP is not configured. */
  readonly mailer: Mailer | null;
  /** Absent: no service is configured for sagas. */
  readonly participants?: Participants | undefined;
}

export type { Participants } from "./participant.ts";

export interface StepTypes {
  get(type: string): StepType | undefined;
  /** In the order in which the documentation lists them. */
  all(): readonly StepType[];
}

/** Every step type that a definition may name. A new one is a file beside this one and a line here. */
export function createStepTypes(services: StepServices): StepTypes {
  const types: readonly StepType[] = [
    httpRequest(services),
    fileProcess(services.files),
    dataTransform,
    conditional,
    delay,
    log,
    notification(services),
    waitForEvent,
    workflow,
    participant(services.participants ?? { services: new Map(), http: services.http }),
    eventCommand,
  ];
  const byName = new Map(types.map((stepType) => [stepType.type, stepType]));
  return { get: (type) => byName.get(type), all: () => types };
}
export { messageText } from "./log.ts";
