import { ApiKeyEntity } from "./api-key.ts";
import { AuditEntryEntity } from "./audit-entry.ts";
import { BusKeyEntity } from "./bus-key.ts";
import {
  DomainEventCounterEntity,
  DomainEventCursorEntity,
  DomainEventEntity,
  DomainEventTypeEntity,
} from "./domain-event.ts";
import { ExecutionEntity } from "./execution.ts";
import { ExecutionCommandEntity } from "./execution-command.ts";
import { ExecutionCountEntity } from "./execution-count.ts";
import { ExecutionEventEntity } from "./execution-event.ts";
import { ExecutionHoldEntity } from "./execution-hold.ts";
import { ExecutionSignalEntity } from "./execution-signal.ts";
import { ExecutionStepEntity } from "./execution-step.ts";
import { ExecutionTreeEntity } from "./execution-tree.ts";
import { FileEntity } from "./file.ts";
import { FileNoteEntity } from "./file-note.ts";
import { FileTaskEntity } from "./file-task.ts";
import { FileUsageEntity } from "./file-usage.ts";
import { HookEntity } from "./hook.ts";
import { JournalNoteEntity } from "./journal-note.ts";
import { SagaTypeEntity } from "./saga-type.ts";
import { ScheduleEntity } from "./schedule.ts";
import { SecretKeyEntity } from "./secret-key.ts";
import { SuspectEntity, WorkerLifeEntity } from "./suspect.ts";
import { TemplateEntity } from "./template.ts";
import { WebhookDeliveryEntity } from "./webhook-delivery.ts";
import { WorkerLeaseEntity } from "./worker-lease.ts";
import { WorkflowEntity } from "./workflow.ts";
import { WorkflowVersionEntity } from "./workflow-version.ts";

export const entities = [
  WorkflowEntity,
  WorkflowVersionEntity,
  ExecutionEntity,
  ExecutionStepEntity,
  ExecutionEventEntity,
  ExecutionSignalEntity,
  ExecutionCommandEntity,
  ExecutionCountEntity,
  ExecutionTreeEntity,
  ExecutionHoldEntity,
  FileEntity,
  FileNoteEntity,
  FileTaskEntity,
  FileUsageEntity,
  TemplateEntity,
  ScheduleEntity,
  ApiKeyEntity,
  WebhookDeliveryEntity,
  HookEntity,
  AuditEntryEntity,
  SagaTypeEntity,
  DomainEventEntity,
  DomainEventTypeEntity,
  DomainEventCounterEntity,
  DomainEventCursorEntity,
  JournalNoteEntity,
  SecretKeyEntity,
  WorkerLeaseEntity,
  BusKeyEntity,
  WorkerLifeEntity,
  SuspectEntity,
];
