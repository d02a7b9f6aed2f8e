/**
 * The parts of Grafana's published API description that the surface relies on, written by hand as JSON Schema after `public/api-merged.json`
 * of grafana/grafana (Swagger 2.0; operations `search`, `getDashboardByUID`, `postDashboard`,
 * `queryMetricsWithExpressions`, definitions `Hit`, `DashboardFullWithMeta`, `SaveDashboardCommand`,
 * `ErrorResponseBody`, `MetricRequest`, `QueryDataResponse`). Requests and answers of the stand-in are checked with it.
 */
const text = { type: 'string' }
const whole = { type: 'integer' }
const flag = { type: 'boolean' }

export const definitions = {
  Hit: {
    type: 'object',
    required: ['uid', 'title', 'type', 'tags', 'url'],
    properties: {
      id: whole,
      uid: text,
      title: text,
      uri: text,
      url: text,
      slug: text,
      type: { enum: ['dash-db', 'dash-home', 'dash-folder'] },
      tags: { type: 'array', items: text },
      isStarred: flag,
      folderUid: text,
      folderTitle: text,
    },
  },
  DashboardFullWithMeta: {
    type: 'object',
    required: ['dashboard', 'meta'],
    properties: {
      dashboard: { type: 'object' },
      meta: {
        type: 'object',
        properties: {
          canSave: flag,
          canEdit: flag,
          provisioned: flag,
          folderUid: text,
          version: whole,
          updated: { type: 'string', format: 'date-time' },
          slug: text,
          url: text,
          isFolder: flag,
        },
      },
    },
  },
  SaveDashboardCommand: {
    type: 'object',
    required: ['dashboard'],
    additionalProperties: false,
    properties: {
      dashboard: { type: 'object' },
      folderId: whole,
      folderUid: text,
      isFolder: flag,
      message: text,
      overwrite: flag,
      userId: whole,
      UpdatedAt: { type: 'string', format: 'date-time' },
    },
  },
  PostDashboardResponse: {
    type: 'object',
    required: ['status', 'title', 'version', 'id', 'uid', 'url'],
    properties: {
      status: text,
      title: text,
      version: whole,
      // A string in the description, a number from the server.
      id: { type: ['string', 'integer'] },
      uid: text,
      url: text,
      slug: text,
    },
  },
  ErrorResponseBody: {
    type: 'object',
    required: ['message'],
    properties: { message: text, error: text, status: text },
  },
  MetricRequest: {
    type: 'object',
    required: ['from', 'to', 'queries'],
    additionalProperties: false,
    properties: {
      from: text,
      to: text,
      debug: flag,
      queries: { type: 'array', minItems: 1, items: { type: 'object', required: ['refId'] } },
    },
  },
  QueryDataResponse: {
    type: 'object',
    required: ['results'],
    properties: {
      results: {
        type: 'object',
        additionalProperties: {
          type: 'object',
          properties: {
            status: whole,
            error: text,
            frames: {
              type: 'array',
              items: {
                type: 'object',
                required: ['schema', 'data'],
                properties: {
                  schema: {
                    type: 'object',
                    required: ['fields'],
                    properties: { fields: { type: 'array', items: { type: 'object', required: ['name'] } } },
                  },
                  data: {
                    type: 'object',
                    required: ['values'],
                    properties: { values: { type: 'array', items: { type: 'array' } } },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
} as const
