/** Chat: Slack, Microsoft Teams and Google Chat by their incoming webhooks. Each card says what the mail says. */
import type { ChannelOf } from '../../config/channels-schema.ts'
import type { Message } from '../../../model/message.ts'
import { oneLine, type Door, type DoorContext } from '../door.ts'
import { exchange, JSON_HEADERS } from './exchange.ts'

type Chat = 'slack' | 'teams' | 'google-chat'

const opens =
  (card: (message: Message) => unknown) =>
  (config: ChannelOf<Chat>, ctx: DoorContext): Door => ({
    async send(row) {
      const url = config.url.reveal()
      const { attempt } = await exchange(
        ctx,
        { url, body: JSON.stringify(card(row.message)), headers: { ...JSON_HEADERS } },
        false,
      )
      return attempt
    },
    close: () => {},
  })

export const openSlack = opens(slackCard)
export const openTeams = opens(teamsCard)
export const openGoogleChat = opens(googleChatCard)

/** Slack reads `&`, `<` and `>`; a name must not become a link or call everybody. */
const slackText = (text: string) =>
  oneLine(text, 2_900).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Block Kit. https://docs.slack.dev/reference/block-kit */
export function slackCard(m: Message): unknown {
  const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } })
  const [first, ...others] = m.links
  return {
    text: slackText(m.subject),
    blocks: [
      section(`*${slackText(`${m.severityWord} · ${m.title}`)}*`),
      ...(m.tags.length
        ? [{ type: 'context', elements: [{ type: 'mrkdwn', text: slackText(m.tags.join(' · ')) }] }]
        : []),
      ...m.lines.map((line) => section(slackText(line))),
      ...(m.facts.length
        ? [
            {
              type: 'section',
              fields: m.facts.slice(0, 10).map((f) => ({
                type: 'mrkdwn',
                text: `*${slackText(f.name)}*\n${slackText(f.value)}`.slice(0, 2_000),
                verbatim: true,
              })),
            },
          ]
        : []),
      ...m.rows.map((r) => section(slackText(`${r.ref} ${r.title} ${r.amount} — ${r.detail}`))),
      ...(m.more ? [section(slackText(m.more))] : []),
      ...(first
        ? [
            {
              type: 'actions',
              elements: [first, ...others].slice(0, 5).map((link, i) => ({
                type: 'button',
                text: { type: 'plain_text', text: oneLine(link.label, 75) },
                url: link.url,
                ...(i === 0 && { style: 'primary' }),
              })),
            },
          ]
        : []),
      { type: 'context', elements: [{ type: 'mrkdwn', text: slackText(m.why), verbatim: true }] },
    ],
  }
}

/** Adaptive Cards read a little Markdown: a name must not become a link. */
const cardText = (text: string) => oneLine(text, 2_900).replace(/[\\`*_[\]()#+!|<>~]/g, '\\$&')

/** An adaptive card 1.4 in the envelope that workflows take. https://adaptivecards.io */
export function teamsCard(m: Message): unknown {
  const block = (text: string, more: object = {}) => ({ type: 'TextBlock', text, wrap: true, ...more })
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          body: [
            block(cardText([m.severityWord, ...m.tags].join(' · ')), {
              size: 'Small',
              ...(m.severity === 'critical' && { color: 'Attention' }),
            }),
            block(cardText(m.title), { size: 'Medium', weight: 'Bolder' }),
            ...m.lines.map((line) => block(cardText(line))),
            ...(m.facts.length
              ? [
                  {
                    type: 'FactSet',
                    facts: m.facts.map((f) => ({ title: cardText(f.name), value: cardText(f.value) })),
                  },
                ]
              : []),
            ...m.rows.map((r) => block(cardText(`${r.ref} ${r.title} ${r.amount}: ${r.detail}`))),
            ...(m.more ? [block(cardText(m.more))] : []),
            block(cardText(m.why), { size: 'Small', isSubtle: true }),
          ],
          actions: m.links.map((link) => ({ type: 'Action.OpenUrl', title: oneLine(link.label, 75), url: link.url })),
        },
      },
    ],
  }
}

/** Google Chat reads a little HTML in text paragraphs. */
const chatText = (text: string) => slackText(text).replaceAll('"', '&quot;')

/** A card v2, in the thread of what it is about. https://developers.google.com/workspace/chat/api/reference/rest/v1/cards */
export function googleChatCard(m: Message): unknown {
  const paragraph = (text: string) => ({ textParagraph: { text } })
  return {
    text: oneLine(m.subject, 400).replace(/[<>*_~`]/g, ''),
    thread: { threadKey: m.thread },
    cardsV2: [
      {
        cardId: 'plumbline',
        card: {
          header: { title: oneLine(m.title, 200), subtitle: oneLine([m.severityWord, ...m.tags].join(' · '), 200) },
          sections: [
            {
              widgets: [
                ...m.lines.map((line) => paragraph(chatText(line))),
                ...m.facts.map((f) => ({ decoratedText: { topLabel: oneLine(f.name, 100), text: chatText(f.value) } })),
                ...m.rows.map((r) => paragraph(chatText(`${r.ref} ${r.title} ${r.amount}: ${r.detail}`))),
                ...(m.more ? [paragraph(chatText(m.more))] : []),
                ...(m.links.length
                  ? [
                      {
                        buttonList: {
                          buttons: m.links.map((l) => ({
                            text: oneLine(l.label, 75),
                            onClick: { openLink: { url: l.url } },
                          })),
                        },
                      },
                    ]
                  : []),
                paragraph(chatText(m.why)),
              ],
            },
          ],
        },
      },
    ],
  }
}
