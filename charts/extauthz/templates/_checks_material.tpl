{{- /* What does not go together in files and volumes. */ -}}
{{- define "extauthz.checks.material" -}}
{{- $found := list -}}
{{- $groups := dict "trust.anchors" .Values.trust.anchors "trust.intermediates" .Values.trust.intermediates "crls" (fromJsonArray (include "extauthz.crls" .)) -}}
{{- range $name, $items := $groups -}}
  {{- range $index, $item := $items -}}
    {{- $given := list -}}
    {{- range $key := list "configMap" "secret" "bundle" "path" "url" -}}
      {{- if hasKey $item $key }}{{ $given = append $given $key }}{{ end -}}
    {{- end -}}
    {{- if ne (len $given) 1 -}}
      {{- $found = append $found (printf "%s[%d] has %s: it comes from exactly one place" $name $index (ternary "none of configMap, secret, bundle, path, url" (join " and " $given) (empty $given))) -}}
    {{- else -}}
      {{- if and $item.key (or $item.path $item.url) -}}
        {{- $found = append $found (printf "%s[%d].key takes one key of a ConfigMap, Secret or bundle; with %s it means nothing" $name $index (first $given)) -}}
      {{- end -}}
      {{- if and (or (hasKey $item "path") (hasKey $item "url")) (ne (include "extauthz.configSource" $) "inline") -}}
        {{- $found = append $found (printf "%s[%d].%s is part of the configuration: write it there, as the chart does not change yours" $name $index (first $given)) -}}
      {{- end -}}
      {{- if and (or (hasKey $item "refresh") (hasKey $item "required")) (not (hasKey $item "url")) -}}
        {{- if hasKey $item "refresh" -}}
          {{- $found = append $found (printf "%s[%d].refresh is for a url: files are watched" $name $index) -}}
        {{- end -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- $directories := dict -}}
{{- range fromJsonArray (include "extauthz.material" .) -}}
  {{- if hasKey $directories .directory -}}
    {{- $found = append $found (printf "two objects would be mounted at %s: give them different names, or merge them" .directory) -}}
  {{- end -}}
  {{- $_ := set $directories .directory true -}}
{{- end -}}
{{- $own := list "config" "state" "tmp" -}}
{{- $places := list "/etc/extauthz/config" "/var/lib/extauthz" "/tmp" -}}
{{- range fromJsonArray (include "extauthz.material" .) -}}
  {{- $own = append $own .volume -}}
  {{- $places = append $places .directory -}}
{{- end -}}
{{- $extra := list -}}
{{- range .Values.extraVolumes -}}
  {{- if has .name $own -}}
    {{- $found = append $found (printf "extraVolumes: the chart has a volume %s of its own: give yours another name" .name) -}}
  {{- end -}}
  {{- $extra = append $extra .name -}}
{{- end -}}
{{- range .Values.extraVolumeMounts -}}
  {{- if not (has .name $extra) -}}
    {{- $found = append $found (printf "extraVolumeMounts: there is no volume %s in extraVolumes to mount at %s: add it" .name .mountPath) -}}
  {{- end -}}
  {{- if has (trimSuffix "/" .mountPath) $places -}}
    {{- $found = append $found (printf "extraVolumeMounts: at %s the chart mounts something itself: choose another place" .mountPath) -}}
  {{- end -}}
  {{- if or .subPath .subPathExpr -}}
    {{- $found = append $found (printf "extraVolumeMounts: %s is mounted by subPath, and would never change: mount the whole directory" .mountPath) -}}
  {{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}
