export { parametersOf } from "./parameters.ts";
export { templateFilter, templateInput, templatePage, templatePatch, workflowFromTemplate } from "./template-input.ts";
export {
  type Template,
  type TemplateCategory,
  TemplateService,
  type TemplateUsage,
} from "./template-service.ts";
