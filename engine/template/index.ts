export { parametersOf } from "./parameters.ts";
export {
  type Template,
  type TemplateCategory,
  TemplateService,
  type TemplateUsage,
} from "./template-service.ts";
