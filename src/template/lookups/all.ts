// Every lookup by name.
import type { Lookups } from '../plugin.ts';
import { COMMUNITY_LOOKUPS } from './community.ts';
import { FILE_LOOKUPS } from './files.ts';
import { LIST_LOOKUPS, MORE_LIST_LOOKUPS } from './lists.ts';
import { SYSTEM_LOOKUPS } from './system.ts';

export const CORE_LOOKUPS: Lookups = { ...FILE_LOOKUPS, ...LIST_LOOKUPS, ...SYSTEM_LOOKUPS };
export const COLLECTION_LOOKUPS: Lookups = { ...COMMUNITY_LOOKUPS, ...MORE_LIST_LOOKUPS };
