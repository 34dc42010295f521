/* socket_cb, connect_cb, closesocket_cb and resolve_cb: what they are given, and that each socket is closed once. */
#include "test.h"

#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <sys/socket.h>

static int opaque;
static int sockets, connects, closes, resolves, frees;
static char open_now[65536];
static int refuse_sockets, connect_errno;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int on_socket(int domain, int type, int protocol, void *given) {
    int fd;
    CHECK(given == &opaque && domain == AF_INET);
    CHECK_INT(type & ~SOCK_CLOEXEC, SOCK_STREAM);
    CHECK_INT(protocol, IPPROTO_TCP);
    if (refuse_sockets) {
        errno = EMFILE;
        return -1;
    }
    fd = socket(domain, type, protocol);
    pthread_mutex_lock(&lock);
    CHECK(fd >= 0 && fd < (int)sizeof(open_now) && !open_now[fd]);
    open_now[fd] = 1;
    sockets++;
    pthread_mutex_unlock(&lock);
    return fd;
}

static int on_connect(int fd, const struct sockaddr *addr, int addrlen, const char *id, void *given) {
    CHECK(given == &opaque && open_now[fd] == 1);
    CHECK_INT(addr->sa_family, AF_INET);
    CHECK_INT(addrlen, sizeof(struct sockaddr_in));
    CHECK(strchr(id, ':') != NULL);
    CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
    pthread_mutex_lock(&lock);
    connects++;
    pthread_mutex_unlock(&lock);
    if (connect_errno)
        return connect_errno;
    if (connect(fd, addr, (socklen_t)addrlen) == -1 && errno != EINPROGRESS)
        return errno;
    return 0;
}

static int on_close(int fd, void *given) {
    CHECK(given == &opaque);
    pthread_mutex_lock(&lock);
    if (!open_now[fd] && !t_is_oxide()) {
        /* librdkafka's embedded cluster closes its own sockets by it, too. */
        pthread_mutex_unlock(&lock);
        return close(fd);
    }
    CHECK_INT(open_now[fd], 1);
    open_now[fd] = 0;
    closes++;
    /* Still open until here. */
    CHECK_INT(close(fd), 0);
    pthread_mutex_unlock(&lock);
    return 0;
}

static int resolve_error;
static char service_wanted[16], node_wanted[64];

static int on_resolve(const char *node, const char *service, const struct addrinfo *hints,
                      struct addrinfo **res, void *given) {
    struct addrinfo own = {0};
    CHECK(given == &opaque);
    if (!node) {
        CHECK(!service && !hints && *res);
        freeaddrinfo(*res);
        __atomic_add_fetch(&frees, 1, __ATOMIC_SEQ_CST);
        return 0;
    }
    CHECK_STR(node, node_wanted);
    CHECK_STR(service, service_wanted);
    CHECK_INT(hints->ai_socktype, SOCK_STREAM);
    __atomic_add_fetch(&resolves, 1, __ATOMIC_SEQ_CST);
    if (resolve_error)
        return resolve_error;
    own.ai_socktype = SOCK_STREAM;
    own.ai_family = AF_INET;
    return getaddrinfo("127.0.0.1", service, &own, res);
}

static char reason[1024];

static void on_error(rd_kafka_t *rk, int err, const char *text, void *given) {
    (void)rk, (void)given;
    if (err != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !*reason)
        snprintf(reason, sizeof(reason), "%s", text);
}

static rd_kafka_conf_t *conf_with_all(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    t_set(conf, "log_level", "0");
    rd_kafka_conf_set_opaque(conf, &opaque);
    rd_kafka_conf_set_socket_cb(conf, on_socket);
    rd_kafka_conf_set_connect_cb(conf, on_connect);
    rd_kafka_conf_set_closesocket_cb(conf, on_close);
    rd_kafka_conf_set_error_cb(conf, on_error);
    return conf;
}

static void check_closed(void) {
    CHECK(sockets > 0);
    CHECK_INT(closes, sockets);
    sockets = connects = closes = 0;
}

static void produce(void) {
    rd_kafka_conf_t *conf = conf_with_all();
    rd_kafka_t *rk;
    int i;
    t_set(conf, "test.mock.num.brokers", "3");
    rk = t_producer(conf);
    for (i = 0; i < 100; i++)
        CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_PARTITION(i % 4),
                                    RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_END),
                  RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(rd_kafka_flush(rk, t_patience(20000)), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(rk);
    CHECK_INT(connects, sockets);
    check_closed();
}

/* The reason that is told when connections fail. */
static const char *failure(rd_kafka_conf_t *conf) {
    rd_kafka_t *rk;
    *reason = 0;
    rk = t_producer(conf);
    while (!*reason)
        rd_kafka_poll(rk, 50);
    rd_kafka_destroy(rk);
    return reason;
}

static void failures(void) {
    rd_kafka_conf_t *conf = conf_with_all();
    t_set(conf, "bootstrap.servers", "127.0.0.1:1");
    CHECK_HAS(failure(conf), "Connect to ipv4#127.0.0.1:1 failed: Connection refused (after ");
    check_closed();

    conf = conf_with_all();
    t_set(conf, "bootstrap.servers", "127.0.0.1:1");
    connect_errno = EACCES;
    /* librdkafka looks for the address' name. */
    CHECK_HAS(failure(conf), "Failed to connect to broker at ");
    CHECK_HAS(reason, ":1: Permission denied");
    connect_errno = 0;
    check_closed();

    conf = conf_with_all();
    t_set(conf, "bootstrap.servers", "127.0.0.1:1");
    refuse_sockets = 1;
    CHECK_HAS(failure(conf), "Failed to create socket: Too many open files");
    refuse_sockets = 0;
    CHECK_INT(sockets, 0);
}

static void names(void) {
    rd_kafka_conf_t *conf = conf_with_all();
    rd_kafka_conf_set_resolve_cb(conf, on_resolve);
    t_set(conf, "bootstrap.servers", "no.such.name:1");
    strcpy(service_wanted, "1");
    strcpy(node_wanted, "no.such.name");
    CHECK_HAS(failure(conf), "Connect to ipv4#127.0.0.1:1 failed: Connection refused");
    CHECK(resolves > 0);
    CHECK_INT(frees, resolves);
    check_closed();
    /* An address in place of a name is asked for too. */
    resolves = frees = 0;
    conf = conf_with_all();
    rd_kafka_conf_set_resolve_cb(conf, on_resolve);
    t_set(conf, "bootstrap.servers", "192.0.2.1:1");
    strcpy(node_wanted, "192.0.2.1");
    CHECK_HAS(failure(conf), "Connect to ipv4#127.0.0.1:1 failed: Connection refused");
    CHECK(resolves > 0);
    check_closed();

    resolves = frees = 0;
    conf = conf_with_all();
    rd_kafka_conf_set_resolve_cb(conf, on_resolve);
    t_set(conf, "bootstrap.servers", "192.0.2.1:1");
    resolve_error = EAI_NONAME;
    CHECK_HAS(failure(conf), "Failed to resolve '192.0.2.1:1': ");
    CHECK_HAS(reason, gai_strerror(EAI_NONAME));
    CHECK(resolves > 0);
    CHECK_INT(frees, 0);
    CHECK_INT(sockets, 0);
}

int main(void) {
    t_start(__FILE__, 60);
    produce();
    failures();
    names();
    return t_done();
}
