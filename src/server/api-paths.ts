/** Where each operation of /api is: all that a client needs at run time. */

export const apiPaths = {
  listStreams: ['GET', '/api/streams'],
  createStream: ['POST', '/api/streams'],
  getStream: ['GET', '/api/streams/{id}'],
  changeStream: ['PATCH', '/api/streams/{id}'],
  deleteStream: ['DELETE', '/api/streams/{id}'],
  restartStream: ['POST', '/api/streams/{id}/restart'],
  getStatistics: ['GET', '/api/streams/{id}/stats'],
  getHistory: ['GET', '/api/streams/{id}/history'],
  getDiagnosis: ['GET', '/api/streams/{id}/diagnosis'],
  getData: ['GET', '/api/streams/{id}/data'],
  getLog: ['GET', '/api/streams/{id}/log'],
  getStreamRecording: ['GET', '/api/streams/{id}/recording'],
  startRecording: ['POST', '/api/streams/{id}/recording'],
  stopRecording: ['DELETE', '/api/streams/{id}/recording'],
  listRecordings: ['GET', '/api/recordings'],
  getRecording: ['GET', '/api/recordings/{id}'],
  deleteRecording: ['DELETE', '/api/recordings/{id}'],
  listViewers: ['GET', '/api/viewers'],
  getViewer: ['GET', '/api/viewers/{id}'],
  deleteViewer: ['DELETE', '/api/viewers/{id}'],
  getSupervision: ['GET', '/api/supervision'],
  getServer: ['GET', '/api/server'],
  getConfiguration: ['GET', '/api/configuration'],
  getDrain: ['GET', '/api/drain'],
  beginDrain: ['POST', '/api/drain'],
  takeDrainBack: ['DELETE', '/api/drain'],
  injectFault: ['POST', '/api/fault'],
} as const;

export type OperationName = keyof typeof apiPaths;
