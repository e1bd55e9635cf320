// The front desk's table: everything it understands and what it answers. Grammar, matcher, page and tests are made of it.

import { bookingIntents } from './intents-booking.ts';
import { conversationIntents } from './intents-conversation.ts';
import { houseIntents } from './intents-house.ts';
import type { Intent } from './intent.ts';

export const intents: readonly Intent[] = [...bookingIntents, ...houseIntents, ...conversationIntents];
