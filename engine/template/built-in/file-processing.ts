import type { JsonObject } from "../../model/index.ts";
import type { BuiltInTemplate } from "./built-in-template.ts";

const onUpload: JsonObject = { type: "file_upload", enabled: true };

export const fileProcessing: BuiltInTemplate = {
  id: 3,
  name: "File Processing",
  description: "Check an uploaded file, extract its text, and report how much there is",
  category: "file-processing",
  definition: {
    steps: [
      {
        name: "validate_file",
        type: "file_process",
        config: { action: "validate", file_id: "{{trigger.file_id}}", max_size_mb: 10 },
      },
      {
        name: "extract_content",
        type: "file_process",
        config: { action: "extract", file_id: "{{trigger.file_id}}" },
      },
      {
        name: "notify_completion",
        type: "notification",
        config: {
          type: "log",
          message: "{{steps.validate_file.filename}}: {{steps.extract_content.word_count}} words",
        },
      },
    ],
  },
  defaultTriggerConfig: onUpload,
  tags: ["files", "extract"],
};

export const documentPipeline: BuiltInTemplate = {
  id: 10,
  name: "Document Recognition",
  description: "Read the text of a scanned or digital document and send it to target_url when it holds enough words",
  category: "file-processing",
  definition: {
    steps: [
      {
        name: "validate_upload",
        type: "file_process",
        config: {
          action: "validate",
          file_id: "{{trigger.file_id}}",
          allowed_types: ["pdf", "jpg", "png"],
          max_size_mb: 10,
        },
      },
      {
        name: "extract_text",
        type: "file_process",
        config: { action: "ocr_extract", file_id: "{{trigger.file_id}}", language: "en" },
      },
      {
        name: "save_document",
        type: "http_request",
        if: "{{steps.extract_text.word_count}} > 10",
        config: {
          url: "{{target_url}}",
          method: "POST",
          data: {
            file_id: "{{trigger.file_id}}",
            extracted_text: "{{steps.extract_text.content}}",
            word_count: "{{steps.extract_text.word_count}}",
          },
        },
      },
      {
        name: "notify_completion",
        type: "notification",
        config: {
          type: "log",
          message: "{{steps.validate_upload.filename}}: {{steps.extract_text.word_count}} words",
        },
      },
    ],
  },
  defaultTriggerConfig: onUpload,
  tags: ["files", "ocr"],
};
