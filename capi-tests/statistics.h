/*
 * The fields of librdkafka's statistics (its STATISTICS.md, and what 2.16 prints beyond that) at every level, with
 * their types, and a check that a report has them, all of them, and no others.
 */
#ifndef CAPI_STATISTICS_H
#define CAPI_STATISTICS_H

#include "json.h"

static const char *const s_top =
    "s:name s:client_id s:type i:ts i:time i:age i:replyq i:msg_cnt i:msg_size i:msg_max i:msg_size_max "
    "i:simple_cnt i:metadata_cache_cnt o:brokers o:topics [o:eos] [o:fatal] i:tx i:tx_bytes i:rx i:rx_bytes "
    "i:txmsgs i:txmsg_bytes i:rxmsgs i:rxmsg_bytes";

static const char *const s_broker =
    "s:name i:nodeid s:nodename s:source s:state i:stateage i:outbuf_cnt i:outbuf_msg_cnt i:waitresp_cnt "
    "i:waitresp_msg_cnt i:tx i:txbytes i:txerrs i:txretries i:txidle i:req_timeouts i:rx i:rxbytes i:rxerrs "
    "i:rxcorriderrs i:rxpartial i:rxidle i:zbuf_grow i:buf_grow i:wakeups i:connects i:disconnects "
    "o:int_latency o:outbuf_latency o:rtt o:throttle o:req o:toppars";

static const char *const s_window =
    "i:min i:max i:avg i:sum i:stddev i:p50 i:p75 i:p90 i:p95 i:p99 i:p99_99 i:outofrange i:hdrsize i:cnt";

static const char *const s_toppar = "s:topic i:partition";

static const char *const s_topic = "s:topic i:age i:metadata_age o:batchsize o:batchcnt o:partitions";

static const char *const s_partition =
    "i:partition i:broker i:leader b:desired b:unknown i:msgq_cnt i:msgq_bytes i:xmit_msgq_cnt i:xmit_msgq_bytes "
    "i:fetchq_cnt i:fetchq_size s:fetch_state i:query_offset i:next_offset i:app_offset i:stored_offset "
    "i:stored_leader_epoch i:commited_offset i:committed_offset i:committed_leader_epoch i:eof_offset i:lo_offset "
    "i:hi_offset i:ls_offset i:consumer_lag i:consumer_lag_stored i:leader_epoch i:txmsgs i:txbytes i:rxmsgs "
    "i:rxbytes i:msgs i:rx_ver_drops i:msgs_inflight i:next_ack_seq i:next_err_seq i:acked_msgid";

static const char *const s_eos =
    "s:idemp_state i:idemp_stateage s:txn_state i:txn_stateage b:txn_may_enq i:producer_id i:producer_epoch "
    "i:epoch_cnt";

static const char *const s_fatal = "s:error s:reason i:cnt";

/* Requests of a producer that are always there. */
static const char *const s_requests[] = {
    "Produce", "ListOffsets", "Metadata", "FindCoordinator", "SaslHandshake", "ApiVersion", "InitProducerId",
    "AddPartitionsToTxn", "AddOffsetsToTxn", "EndTxn", "TxnOffsetCommit", "SaslAuthenticate", NULL,
};

static void s_check_window(const json_t *object, const char *name) {
    static const char *const rising[] = {"p50", "p75", "p90", "p95", "p99", "p99_99", NULL};
    const json_t *window = json_get(object, name);
    long long cnt = json_int(window, "cnt");
    int i;
    json_check_fields(window, s_window);
    for (i = 1; rising[i]; i++)
        if (json_int(window, rising[i]) < json_int(window, rising[i - 1]))
            FAIL("%s: %s is below %s", name, rising[i], rising[i - 1]);
    CHECK_RANGE(json_int(window, "max"), json_int(window, "min"), INT64_MAX);
    CHECK_INT(json_int(window, "avg"), cnt ? json_int(window, "sum") / cnt : 0);
}

static void s_check_broker(const json_t *broker) {
    static const char *const states[] = {"INIT", "DOWN", "TRY_CONNECT", "CONNECT", "APIVERSION_QUERY", "UP", NULL};
    const json_t *member;
    int i;
    json_check_fields(broker, s_broker);
    CHECK_STR(json_str(broker, "name"), broker->key);
    s_check_window(broker, "int_latency");
    s_check_window(broker, "outbuf_latency");
    s_check_window(broker, "rtt");
    s_check_window(broker, "throttle");
    for (i = 0; s_requests[i]; i++)
        CHECK_RANGE(json_int(json_get(broker, "req"), s_requests[i]), 0, INT64_MAX);
    for (i = 0; states[i] && strcmp(json_str(broker, "state"), states[i]); i++)
        ;
    if (!states[i])
        FAIL("an unknown state: %s", json_str(broker, "state"));
    for (member = json_get(broker, "toppars")->first; member; member = member->next)
        json_check_fields(member, s_toppar);
}

/* A report, read and checked; the caller frees it. */
static T_UNUSED json_t *s_read(const char *text) {
    json_t *all = json_read(text);
    const json_t *topic, *partition, *broker, *object;
    json_check_fields(all, s_top);
    CHECK_STR(json_str(all, "type"), "producer");
    for (broker = json_get(all, "brokers")->first; broker; broker = broker->next)
        s_check_broker(broker);
    for (topic = json_get(all, "topics")->first; topic; topic = topic->next) {
        json_check_fields(topic, s_topic);
        CHECK_STR(json_str(topic, "topic"), topic->key);
        s_check_window(topic, "batchsize");
        s_check_window(topic, "batchcnt");
        for (partition = json_get(topic, "partitions")->first; partition; partition = partition->next) {
            json_check_fields(partition, s_partition);
            CHECK_INT(json_int(partition, "partition"), atoi(partition->key));
        }
    }
    if ((object = json_find(all, "eos")))
        json_check_fields(object, s_eos);
    if ((object = json_find(all, "fatal")))
        json_check_fields(object, s_fatal);
    CHECK_INT(json_int(all, "tx"), json_sum(json_get(all, "brokers"), "tx"));
    CHECK_INT(json_int(all, "rx_bytes"), json_sum(json_get(all, "brokers"), "rxbytes"));
    return all;
}

#endif
