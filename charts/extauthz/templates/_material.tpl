{{- /*
Files from ConfigMaps, Secrets and bundles: a volume for each, a directory to mount it at, and where the configuration
finds it. Always whole directories: a file mounted by subPath never changes.
*/ -}}

{{- /* A list of all of them, as JSON: {volume, directory, place, kind, object, key}. */ -}}
{{- define "extauthz.material" -}}
{{- $root := . -}}
{{- $found := list -}}
{{- $groups := list
      (dict "folder" "anchors" "items" .Values.trust.anchors)
      (dict "folder" "intermediates" "items" .Values.trust.intermediates)
      (dict "folder" "crls" "items" (fromJsonArray (include "extauthz.crls" .))) -}}
{{- range $group := $groups -}}
  {{- range $index, $item := $group.items -}}
    {{- $name := $item.configMap | default $item.secret | default $item.bundle -}}
    {{- if $name -}}
      {{- $object := tpl $name $root -}}
      {{- $directory := printf "/etc/extauthz/%s/%s" $group.folder $object -}}
      {{- $place := $directory -}}
      {{- if $item.key }}{{ $place = printf "%s/%s" $directory $item.key }}{{ end -}}
      {{- $found = append $found (dict
            "volume" (printf "%s-%d" $group.folder $index)
            "directory" $directory
            "place" $place
            "kind" (ternary "secret" "configMap" (hasKey $item "secret"))
            "object" $object
            "bundle" (hasKey $item "bundle")
            "key" ($item.key | default "")) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- if eq (include "extauthz.anyTls" .) "true" -}}
  {{- $found = append $found (dict "volume" "tls" "directory" "/etc/extauthz/tls" "kind" "secret" "object" (include "extauthz.tlsSecret" .) "key" "") -}}
  {{- with .Values.tls.clientCA -}}
    {{- $name := .configMap | default .secret | default .bundle -}}
    {{- if $name -}}
      {{- $found = append $found (dict
            "volume" "client-ca" "directory" "/etc/extauthz/client-ca" "place" (printf "/etc/extauthz/client-ca/%s" .key)
            "kind" (ternary "secret" "configMap" (not (empty .secret))) "object" (tpl $name $root) "bundle" (not (empty .bundle)) "key" .key) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- with .Values.http.callerSecret -}}
  {{- if .secret -}}
    {{- $found = append $found (dict
          "volume" "caller-secret" "directory" "/etc/extauthz/caller-secret" "place" (printf "/etc/extauthz/caller-secret/%s" .key)
          "kind" "secret" "object" (tpl .secret $root) "key" .key) -}}
  {{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}

{{- /* The CRLs as a list, as JSON: the word `unsafe_none` in their place is none. */ -}}
{{- define "extauthz.crls" -}}
{{- ternary .Values.crls list (kindIs "slice" .Values.crls) | toJson -}}
{{- end -}}

{{- /* Whether revoked certificates get in, as far as the chart can see. */ -}}
{{- define "extauthz.unrevoked" -}}
{{- $listed := or (fromJsonArray (include "extauthz.crls" .)) (hasKey (.Values.config | default dict) "revocation") -}}
{{- and (eq (include "extauthz.configSource" .) "inline") (not $listed) -}}
{{- end -}}

{{- define "extauthz.anyTls" -}}
{{- or (and .Values.grpc.enabled .Values.grpc.tls) (and .Values.http.enabled .Values.http.tls) -}}
{{- end -}}

{{- define "extauthz.clientCA" -}}
{{- with .Values.tls.clientCA -}}
{{- if or .configMap .secret .bundle -}}true{{- else -}}false{{- end -}}
{{- end -}}
{{- end -}}

{{- /* One item of trust or crls, as the configuration has it. A list: the root, the folder, its index, the item. */ -}}
{{- define "extauthz.entry" -}}
{{- $root := index . 0 -}}
{{- $item := index . 3 -}}
{{- $entry := omit $item "configMap" "secret" "bundle" "key" -}}
{{- range fromJsonArray (include "extauthz.material" $root) -}}
  {{- if eq .volume (printf "%s-%d" (index $ 1) (int (index $ 2))) -}}
    {{- $_ := set $entry "path" .place -}}
  {{- end -}}
{{- end -}}
{{- toJson $entry -}}
{{- end -}}
