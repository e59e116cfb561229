/** The kinds of channel, by name. */
import type { ChannelConfig, ChannelKind } from '../config/channels-schema.ts'
import type { Door, DoorContext, OpenDoor } from './door.ts'
import { openGoogleChat, openSlack, openTeams } from './kinds/chat.ts'
import { openJira } from './kinds/jira.ts'
import { openOpsgenie } from './kinds/opsgenie.ts'
import { openPagerDuty } from './kinds/pagerduty.ts'
import { openServiceNow } from './kinds/servicenow.ts'
import { openZendesk } from './kinds/zendesk.ts'
import { openWebhook } from './kinds/webhook.ts'
import { openFolder } from './mail/folder.ts'
import { openMail } from './mail/smtp.ts'

const KINDS: { [Kind in ChannelKind]: OpenDoor<Extract<ChannelConfig, { kind: Kind }>> } = {
  mail: openMail,
  folder: openFolder,
  webhook: openWebhook,
  slack: openSlack,
  teams: openTeams,
  'google-chat': openGoogleChat,
  pagerduty: openPagerDuty,
  opsgenie: openOpsgenie,
  servicenow: openServiceNow,
  jira: openJira,
  zendesk: openZendesk,
}

export function openDoor(config: ChannelConfig, ctx: DoorContext): Door {
  return (KINDS[config.kind] as OpenDoor)(config, ctx)
}
