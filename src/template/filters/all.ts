// Every filter by name.
import type { Filters } from '../plugin.ts';
export const CORE_FILTERS: Filters = {};
export const COLLECTION_FILTERS: Filters = {};
