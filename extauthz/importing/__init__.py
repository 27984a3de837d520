"""Other products' ways to ask for client certificates, written as a configuration of extauthz.

What comes out lets in nobody whom the original kept out. A thing that cannot be said exactly is left out where that is
stricter; where it would be wider, the policy denies every request, and says in a comment why and which lines to delete
once somebody has decided. Two things are wider, and said to be: names that differ in letter case alone where the RFCs
call them the same, and the depth of chains where the CAs are not in the input. Every difference is a ``Remark`` with
its place.

    foreign        YAML and JSON files of others: plain values, and where each of them stands
    remark         one difference
    san_pattern    Envoy's string matchers as patterns of extauthz
    pem_bundle     what is in a bundle of CA certificates that came with the input
    envoy          filter chains as policies; envoy_input, envoy_chain, envoy_tls, envoy_validation, envoy_names
    ingress_nginx  Ingress manifests as policies; ingress_objects, ingress_settings, ingress_paths, ingress_trust
    trust_choice   a configuration has one set of CAs: whose?
    written        the configuration to be; written_text, its YAML
"""
