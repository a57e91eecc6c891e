/** What is used of werift to receive: bundled apart from what serves viewers, whose script it would make larger. */
export {
  DtlsClient,
  GenericNack,
  HashAlgorithm,
  PictureLossIndication,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RtcpPayloadSpecificFeedback,
  RtcpReceiverInfo,
  RtcpRrPacket,
  RtcpSrPacket,
  RtcpTransportLayerFeedback,
  SignatureAlgorithm,
  StunProtocol,
} from 'werift';
