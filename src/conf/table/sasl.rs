//! SASL: mechanisms, Kerberos, user name and password.

use crate::conf::property::{Check, Kind, Property, checked, global, int, text};

pub(super) const ROWS: &[Property] = &[
    global("sasl.jaas.config", Kind::Invalid).doc(
        "Java JAAS configuration is not supported, see \
         https://github.com/confluentinc/librdkafka/wiki/Using-SASL-with-librdkafka for more \
         information.",
    ),
    global("sasl.mechanisms", checked("GSSAPI", Check::SingleItem)).high().doc(
        "",
    ),
    global("sasl.mechanism", Kind::Alias("sasl.mechanisms")).high(),
    global("sasl.kerberos.service.name", text(Some("kafka"))).doc(
        "",
    ),
    global("sasl.kerberos.principal", text(Some("kafkaclient"))).doc(
        "",
    ),
    global("sasl.kerberos.kinit.cmd", text(Some("kinit -R -t \"%{sasl.kerberos.keytab}\" -k %{sasl.kerberos.principal} || kinit -t \"%{sasl.kerberos.keytab}\" -k %{sasl.kerberos.principal}"))).doc(
        "",
    ),
    global("sasl.kerberos.keytab", text(None)).doc(
        "",
    ),
    global("sasl.kerberos.min.time.before.relogin", int(0, 86_400_000, 60_000)).doc(
        "",
    ),
    global("sasl.username", text(None)).high().sensitive().doc(
        "",
    ),
    global("sasl.password", text(None)).high().sensitive().doc(
        "",
    ),
];
