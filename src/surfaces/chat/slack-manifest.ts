/** Every right that the app asks for, and what it is for; no more. */
export const scopes: Record<string, string> = {
  'channels:read': 'find the public channels it was invited to',
  'channels:history': 'read questions and answers there',
  'groups:read': 'find the private channels it was invited to',
  'groups:history': 'read questions and answers there',
  'im:history': 'hear "off" and "on" that are typed to it',
  'im:write': 'show its one card to a person',
  'chat:write': 'show notes, and post an answer when a person clicks Send',
  'reactions:read': 'learn which emoji your team uses as labels',
  'reactions:write': 'label a message with an emoji',
}

const events = [
  'app_home_opened',
  'app_uninstalled',
  'tokens_revoked',
  'message.channels',
  'message.groups',
  'message.im',
  'reaction_added',
  'reaction_removed',
]

/** The app's manifest for Socket Mode, to be pasted at api.slack.com/apps under "From a manifest". */
export function slackManifest() {
  return {
    display_information: {
      name: 'Inlay',
      description:
        'Suggests the answers and labels that your team gives again and again. Quiet until it is right.',
    },
    features: {
      app_home: {
        home_tab_enabled: true,
        messages_tab_enabled: true,
        messages_tab_read_only_enabled: false,
      },
      bot_user: { display_name: 'Inlay', always_online: false },
    },
    oauth_config: { scopes: { bot: Object.keys(scopes) } },
    settings: {
      event_subscriptions: { bot_events: events },
      interactivity: { is_enabled: true },
      org_deploy_enabled: false,
      socket_mode_enabled: true,
      token_rotation_enabled: false,
    },
  }
}
