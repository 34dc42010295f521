//! SASL: mechanisms, Kerberos, user name and password.

use crate::conf::property::{Check, Kind, Property, checked, global, int, text};

pub(super) const ROWS: &[Property] = &[
    global("sasl.jaas.config", Kind::Invalid).doc(
        "Java JAAS configuration is not supported, see \
         https://github.com/confluentinc/librdkafka/wiki/Using-SASL-with-librdkafka for more \
         information.",
    ),
    global("sasl.mechanisms", checked("GSSAPI", Check::SingleItem)).high().doc(
        "Which SASL mechanism to authenticate with: GSSAPI, PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 \
         or OAUTHBEARER. One only, in spite of the name.",
    ),
    global("sasl.mechanism", Kind::Alias("sasl.mechanisms")).high(),
    global("sasl.kerberos.service.name", text(Some("kafka"))).doc(
        "First part of the brokers' Kerberos principal.",
    ),
    global("sasl.kerberos.principal", text(Some("kafkaclient"))).doc(
        "This client's Kerberos principal.",
    ),
    global("sasl.kerberos.kinit.cmd", text(Some("kinit -R -t \"%{sasl.kerberos.keytab}\" -k %{sasl.kerberos.principal} || kinit -t \"%{sasl.kerberos.keytab}\" -k %{sasl.kerberos.principal}"))).doc(
        "Shell command that gets or renews the Kerberos ticket; `%{property}` stands for the \
         value of a property.",
    ),
    global("sasl.kerberos.keytab", text(None)).doc(
        "Path of the keytab, for use in `sasl.kerberos.kinit.cmd`.",
    ),
    global("sasl.kerberos.min.time.before.relogin", int(0, 86_400_000, 60_000)).doc(
        "Least time in milliseconds between runs of the kinit command; 0 never renews.",
    ),
    global("sasl.username", text(None)).high().sensitive().doc(
        "User name for PLAIN and SCRAM.",
    ),
    global("sasl.password", text(None)).high().sensitive().doc(
        "Password for PLAIN and SCRAM.",
    ),
];
